package io.cgrouppolicy.shell.namespace;

import io.cgrouppolicy.core.namespace.NamespacePlanner.Plan;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.PolicyBook.Selection;
import java.util.Map;
import java.util.stream.Collectors;

/// One look at a namespace: what it is, and what the policies of that moment say of it.
record Visit(String name, Map<String, String> labels, PolicyBook book, Selection selection) {
  static Visit of(String name, Map<String, String> labels, PolicyBook book) {
    return new Visit(name, labels, book, book.select(name, labels));
  }

  /// What the objects of the namespace depend on.
  String key() {
    return selection.enforcing().stream()
        .map(policy -> policy.uid() + "/" + policy.generation())
        .collect(Collectors.joining(","));
  }

  /// Whether a plan's steps restore what somebody changed, rather than follow a policy's change.
  ///
  /// @param settled the key of what the namespace was last brought to, or null
  boolean reverts(Plan plan, String settled) {
    return !plan.steps().isEmpty() && key().equals(settled);
  }
}
