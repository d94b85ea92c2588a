package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.namespace.NamespacePlanner.Observed;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.PolicyBook.Selection;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// One look at a namespace: what it is, what is in it, and which policies select it.
///
/// @param created when the namespace was created, or null
/// @param objects what is in it; null where `trouble` keeps the operator from seeing it
/// @param trouble what keeps the operator from seeing the cluster, or null
/// @param pods whether a policy's objects would reject a pod that runs now; asked only where the
///     answer counts
public record NamespaceView(
    String name,
    Map<String, String> labels,
    Instant created,
    PolicyBook book,
    Selection selection,
    Observed objects,
    Trouble trouble,
    Function<CompiledPolicy, PodSafety> pods) {

  /// The same namespace with the objects that are in it after a write.
  public NamespaceView with(Observed objects) {
    return new NamespaceView(name, labels, created, book, selection, objects, trouble, pods);
  }

  CompiledPolicy governing() {
    return selection.governing().orElse(null);
  }

  /// The policies and generations that the namespace's objects depend on.
  String policies() {
    return selection.enforcing().stream()
        .map(policy -> policy.uid() + "/" + policy.generation())
        .collect(Collectors.joining(","));
  }
}
