package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.PolicyBook.Selection;
import io.fabric8.kubernetes.api.model.Namespace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The policies that select each namespace. Updated on each change, so that computing a policy's
/// status needs no label matching.
final class NamespaceSelections {
  private static final Selection NONE = new Selection(List.of(), List.of());

  private final Map<String, Selection> byNamespace = new HashMap<>();
  private final Map<String, Set<String>> judgedBy = new HashMap<>();

  /// Shared between namespaces with equal selections, which most have.
  private Selection latest = NONE;

  synchronized Selection of(String namespace) {
    return byNamespace.getOrDefault(namespace, NONE);
  }

  /// The namespaces whose verdicts count for a policy.
  synchronized List<String> judgedBy(String policy) {
    return List.copyOf(judgedBy.getOrDefault(policy, Set.of()));
  }

  /// Records a new or changed namespace.
  ///
  /// @return whether its selection changed
  synchronized boolean put(Namespace namespace, PolicyBook book) {
    var name = namespace.getMetadata().getName();
    var selection = book.select(name, namespace.getMetadata().getLabels());
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
    byNamespace.put(name, selection);
    return true;
  }

  /// Applies a policy change to all namespaces.
  ///
  /// @return the namespaces whose selection changed
  synchronized List<String> putAll(Collection<Namespace> namespaces, PolicyBook book) {
    var changed = new ArrayList<String>();
    for (var namespace : namespaces) {
      if (namespace.getMetadata().getDeletionTimestamp() == null && put(namespace, book)) {
        changed.add(namespace.getMetadata().getName());
      }
    }
    return changed;
  }

  synchronized void remove(String namespace) {
    var before = byNamespace.remove(namespace);
    if (before != null) {
      before.judging().forEach(policy -> leave(policy.name(), namespace));
    }
  }

  private void leave(String policy, String namespace) {
    var names = judgedBy.get(policy);
    if (names != null && names.remove(namespace) && names.isEmpty()) {
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
