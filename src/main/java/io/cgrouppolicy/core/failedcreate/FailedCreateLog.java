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

/// The newest refusal of each controller of pods, by namespace. Bounded: beyond [#MOST], further
/// controllers are passed over until others are done.
public final class FailedCreateLog {
  public static final int MOST = 5000;

  /// A refusal that was not repeated for so long is over. Controllers try again at least every 1000
  /// s, the longest delay of their rate limiters, and the recorder of events lets one through every
  /// 5 min.
  public static final Duration LIFE = Duration.ofMinutes(30);

  /// A refusal, and of whom.
  ///
  /// @param kind of the object that creates the pods: ReplicaSet, StatefulSet, DaemonSet, Job, ...
  /// @param uid of that object
  /// @param at when its newest attempt was refused, to the second
  /// @param event the name of the event that tells it
  public record Refused(
      String namespace,
      String kind,
      String name,
      String uid,
      Instant at,
      FailedCreate refusal,
      String event) {}

  private final Map<String, Map<String, Refused>> byNamespace = new HashMap<>();
  private int size;

  /// Notes a refusal.
  ///
  /// @return whether what is known of the namespace has become something else; a mere repetition
  ///     changes nothing
  public synchronized boolean put(Refused refused) {
    var known = byNamespace.getOrDefault(refused.namespace(), Map.of()).get(refused.uid());
    if (known == null && size >= MOST || known != null && known.at().isAfter(refused.at())) {
      return false;
    }
    byNamespace
        .computeIfAbsent(refused.namespace(), namespace -> new HashMap<>())
        .put(refused.uid(), refused);
    if (known == null) {
      size++;
    }
    return known == null || !known.refusal().equals(refused.refusal());
  }

  /// Drops what an event told that is gone, or tells something else now.
  ///
  /// @return whether that changed anything
  public synchronized boolean remove(String namespace, String event) {
    return removeIf(namespace, refused -> refused.event().equals(event));
  }

  /// Drops what was not repeated for [#LIFE].
  ///
  /// @return the namespaces where that changed something
  public synchronized Set<String> expire(Instant now) {
    var changed = new HashSet<String>();
    for (var namespace : List.copyOf(byNamespace.keySet())) {
      if (removeIf(namespace, refused -> refused.at().plus(LIFE).isBefore(now))) {
        changed.add(namespace);
      }
    }
    return changed;
  }

  private boolean removeIf(String namespace, Predicate<Refused> predicate) {
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

  public synchronized Collection<Refused> of(String namespace) {
    return new ArrayList<>(byNamespace.getOrDefault(namespace, Map.of()).values());
  }

  /// Where somebody is known to be refused.
  public synchronized Set<String> namespaces() {
    return Set.copyOf(byNamespace.keySet());
  }

  /// How many controllers are known to be refused.
  public synchronized int size() {
    return size;
  }
}
