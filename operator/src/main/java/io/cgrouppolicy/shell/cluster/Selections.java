package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.PolicyBook.Selection;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/// The policies that select each object of a kind. Updated on each change, so that computing a
/// policy's status needs no label matching.
final class Selections<T extends HasMetadata> {
  private static final Selection NONE = new Selection(List.of(), List.of());

  private final BiFunction<PolicyBook, T, Selection> select;
  private final Map<String, Selection> byName = new HashMap<>();
  private final Map<String, Set<String>> judgedBy = new HashMap<>();

  /// Shared between objects with equal selections, which most have.
  private Selection latest = NONE;

  Selections(BiFunction<PolicyBook, T, Selection> select) {
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
  synchronized boolean put(T object, PolicyBook book) {
    var name = object.getMetadata().getName();
    var selection = select.apply(book, object);
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
  /// @return the objects whose selection changed
  synchronized List<String> putAll(Collection<T> objects, PolicyBook book) {
    var changed = new ArrayList<String>();
    for (var object : objects) {
      if (object.getMetadata().getDeletionTimestamp() == null && put(object, book)) {
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
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (a.get(i) != b.get(i)) {
        return false;
      }
    }
    return true;
  }
}
