package io.cgrouppolicy.compliance;

import java.util.List;

/// What one policy, at one generation, says of one namespace.
///
/// @param trouble what kept the operator from judging or writing, or null
/// @param findings what is not as the policy says, exceptions not yet considered
/// @param leaving whether the policy no longer selects the namespace, and its objects could not be
///     removed yet, because of the trouble
/// @param waiting whether the policy's objects are kept back, as its rollout is WhenSafe and they
///     would refuse a pod
public record NamespaceVerdict(
    String policyUid,
    long generation,
    Trouble trouble,
    List<Finding> findings,
    boolean leaving,
    boolean waiting)
    implements Verdict {

  /// A verdict on a namespace that the policy selects.
  public NamespaceVerdict(
      String policyUid, long generation, Trouble trouble, List<Finding> findings) {
    this(policyUid, generation, trouble, findings, false, false);
  }

  public static NamespaceVerdict waiting(
      String policyUid, long generation, List<Finding> findings) {
    return new NamespaceVerdict(policyUid, generation, null, findings, false, true);
  }

  public static NamespaceVerdict leaving(String policyUid, long generation, Trouble trouble) {
    return new NamespaceVerdict(policyUid, generation, trouble, List.of(), true, false);
  }

  /// Why the namespace is not as it should be through no fault of its own.
  ///
  /// @param reason CamelCase, becomes the reason of the condition Ready
  public record Trouble(String reason, String message) {}
}
