package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.Verdict;
import java.util.List;

/// The verdict of one generation of a policy on one namespace.
///
/// @param trouble why the operator could not judge or write, or null
/// @param findings the deviations from the policy, before exceptions are applied
/// @param leaving whether the policy no longer selects the namespace but the trouble keeps the
///     operator from removing its objects
/// @param waiting whether `rollout: WhenSafe` holds back the policy's objects because they would
///     reject a pod
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
