package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.policy.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One policy's verdict on the pods of one namespace, at one generation.
///
/// @param pods the number of pods
/// @param podsByChecks the number of pods by the exact set of checks that they violate.
///     Exceptions silence single checks, so that a plain count would not be enough.
/// @param findings grouped by workload and sorted; a quota below what runs is a finding on the
///     namespace
/// @param preview what the policy's objects would do to the pods
public record WorkloadVerdict(
    String policyUid,
    long generation,
    int pods,
    Map<Set<Check>, Integer> podsByChecks,
    List<WorkloadFinding> findings,
    Preview preview)
    implements Verdict {

  /// What the policy's LimitRange and ResourceQuota would do to the pods if all were recreated.
  ///
  /// @param wouldChange pods that would get a default
  /// @param wouldReject pods that would be rejected
  public record Preview(int wouldChange, int wouldReject) {
    public static final Preview NONE = new Preview(0, 0);
  }
}
