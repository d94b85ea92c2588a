package io.cgrouppolicy.core.failedcreate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// The latest rejection per pod controller, by namespace. Bounded: beyond [#MAX_ENTRIES], further
/// controllers are ignored until entries are removed. Not thread-safe.
public final class FailedCreateLog {
  public static final int MAX_ENTRIES = 5000;

  /// How long a rejection counts without being repeated. Controllers retry at least every 1000 s,
  /// the maximum delay of their rate limiters, and the event recorder passes one event every 5 min.
  public static final Duration LIFE = Duration.ofMinutes(30);

  /// The latest rejection of one controller's pods.
  ///
  /// @param kind of the controller: ReplicaSet, StatefulSet, DaemonSet, Job, ...
  /// @param uid of the controller
  /// @param at when its latest attempt was rejected, to the second
  /// @param event the name of the event
  public record Entry(
      String namespace,
      String kind,
      String name,
      String uid,
      Instant at,
      FailedCreate rejection,
      String event) {}

  private final Map<String, Map<String, Entry>> byNamespace = new HashMap<>();
  private int size;

  /// Records a rejection.
  ///
  /// @return whether the findings of the namespace may change; false for a mere repetition
  public boolean put(Entry entry) {
    var known = byNamespace.getOrDefault(entry.namespace(), Map.of()).get(entry.uid());
    if (known == null && size >= MAX_ENTRIES || known != null && known.at().isAfter(entry.at())) {
      return false;
    }
    byNamespace
        .computeIfAbsent(entry.namespace(), namespace -> new HashMap<>())
        .put(entry.uid(), entry);
    if (known == null) {
      size++;
    }
    return known == null || !known.rejection().equals(entry.rejection());
  }

  /// Removes the entry of an event that was deleted or that now reports something else.
  ///
  /// @return whether there was one
  public boolean remove(String namespace, String event) {
    return removeIf(namespace, entry -> entry.event().equals(event));
  }

  /// Removes the entries older than [#LIFE].
  ///
  /// @return the namespaces that changed
  public Set<String> expire(Instant now) {
    var changed = new HashSet<String>();
    for (var namespace : List.copyOf(byNamespace.keySet())) {
      if (removeIf(namespace, entry -> entry.at().plus(LIFE).isBefore(now))) {
        changed.add(namespace);
      }
    }
    return changed;
  }

  private boolean removeIf(String namespace, Predicate<Entry> predicate) {
    var there = byNamespace.get(namespace);
    if (there == null) {
      return false;
    }
    int before = there.size();
    there.values().removeIf(predicate);
    size -= before - there.size();
    if (there.isEmpty()) {
      byNamespace.remove(namespace);
    }
    return there.size() < before;
  }

  public Collection<Entry> of(String namespace) {
    return new ArrayList<>(byNamespace.getOrDefault(namespace, Map.of()).values());
  }

  /// The namespaces with rejections.
  public Set<String> namespaces() {
    return Set.copyOf(byNamespace.keySet());
  }

  /// The number of controllers with rejections.
  public int size() {
    return size;
  }
}
