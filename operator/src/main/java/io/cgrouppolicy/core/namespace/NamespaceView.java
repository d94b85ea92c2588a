package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.PolicyBook.Selection;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A snapshot of a namespace: its metadata, its objects and the policies that select it.
///
/// @param created when the namespace was created, or null
/// @param objects the objects in it; null if `trouble` is set
/// @param trouble why the operator cannot see the cluster, or null
/// @param pods whether a policy's objects would reject a running pod; called only if the answer
///     matters
public record NamespaceView(
    String name,
    Map<String, String> labels,
    Instant created,
    PolicyBook book,
    Selection selection,
    Observed objects,
    Trouble trouble,
    Function<CompiledPolicy, PodSafety> pods) {

  /// The same namespace with its objects after a write.
  public NamespaceView with(Observed objects) {
    return new NamespaceView(name, labels, created, book, selection, objects, trouble, pods);
  }

  CompiledPolicy governing() {
    return selection.governing().orElse(null);
  }

  /// The uids and generations of the policies that determine the namespace's objects.
  String policies() {
    return selection.enforcing().stream()
        .map(policy -> policy.uid() + "/" + policy.generation())
        .collect(Collectors.joining(","));
  }
}
