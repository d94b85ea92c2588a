package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.Verdict;
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
}
