package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.policy.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What one policy, at one generation, says of the pods of one namespace.
///
/// @param pods how many pods there are
/// @param podsByChecks how many pods violate exactly these checks of area WORKLOADS; an exception
///     silences checks, so that the counts depend on which
/// @param findings grouped by workload, sorted; of area WORKLOADS, and WouldReject and
///     RejectedByPolicy of area NAMESPACES
/// @param preview what the policy's objects would do to the pods
public record WorkloadVerdict(
    String policyUid,
    long generation,
    int pods,
    Map<Set<Check>, Integer> podsByChecks,
    List<WorkloadFinding> findings,
    Preview preview)
    implements Verdict {

  /// What the policy's LimitRange and ResourceQuota would do to the pods if all were created anew.
  ///
  /// @param wouldChange pods that would get a default
  /// @param wouldReject pods that would be refused
  public record Preview(int wouldChange, int wouldReject) {
    public static final Preview NONE = new Preview(0, 0);
  }
}
