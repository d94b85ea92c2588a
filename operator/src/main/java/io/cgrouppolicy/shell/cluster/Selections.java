package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook.Selection;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// The policies that select each object of a kind. Updated on each change, so that computing a
/// policy's status needs no label matching.
final class Selections<T extends HasMetadata> {
  private static final Selection NONE = new Selection(List.of(), List.of());

  private final Function<T, Selection> select;
  private final Map<String, Selection> byName = new HashMap<>();
  private final Map<String, Set<String>> judgedBy = new HashMap<>();

  /// Shared between objects with equal selections, which most have.
  private Selection latest = NONE;

  /// @param select selects by the policies as they are now; after they changed, [#putAll] is due
  Selections(Function<T, Selection> select) {
    this.select = select;
  }

  synchronized Selection of(String name) {
    return byName.getOrDefault(name, NONE);
  }

  /// The objects whose verdicts count for a policy.
  synchronized List<String> judgedBy(String policy) {
    return List.copyOf(judgedBy.getOrDefault(policy, Set.of()));
  }

  /// Records a new or changed object.
  ///
  /// @return whether its selection changed
  synchronized boolean put(T object) {
    var name = object.getMetadata().getName();
    var selection = select.apply(object);
    var before = of(name);
    if (same(before, selection)) {
      return false;
    }
    if (same(latest, selection)) {
      selection = latest;
    } else {
      latest = selection;
    }
    before.judging().forEach(policy -> leave(policy.name(), name));
    selection
        .judging()
        .forEach(policy -> judgedBy.computeIfAbsent(policy.name(), p -> new HashSet<>()).add(name));
    byName.put(name, selection);
    return true;
  }

  /// Applies a policy change to all objects.
  ///
  /// @param objects lists them, inside the lock, so that no older object replaces a newer one
  /// @return the objects whose selection changed
  synchronized List<String> putAll(Supplier<Collection<T>> objects) {
    var changed = new ArrayList<String>();
    for (var object : objects.get()) {
      if (object.getMetadata().getDeletionTimestamp() == null && put(object)) {
        changed.add(object.getMetadata().getName());
      }
    }
    return changed;
  }

  synchronized void remove(String name) {
    var before = byName.remove(name);
    if (before != null) {
      before.judging().forEach(policy -> leave(policy.name(), name));
    }
  }

  private void leave(String policy, String name) {
    var names = judgedBy.get(policy);
    if (names != null && names.remove(name) && names.isEmpty()) {
      judgedBy.remove(policy);
    }
  }

  private static boolean same(Selection a, Selection b) {
    return same(a.enforcing(), b.enforcing()) && same(a.auditing(), b.auditing());
  }

  /// Compares by identity: a policy is compiled once per generation.
  private static boolean same(List<CompiledPolicy> a, List<CompiledPolicy> b) {
    return a.size() == b.size() && IntStream.range(0, a.size()).allMatch(i -> a.get(i) == b.get(i));
  }
}
