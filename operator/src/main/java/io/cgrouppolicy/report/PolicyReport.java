package io.cgrouppolicy.report;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.check.Check;
import java.util.Set;
import java.util.TreeMap;

/// What a policy says of a cluster.
///
/// @param origin where the policy comes from, such as `preset baseline`
/// @param status as the operator would write it, with all violations
public record PolicyReport(String policy, String origin, String mode, CgroupPolicyStatus status) {
  private static final Set<String> CONDITIONS = Set.of("WorkloadsCompliant");

  /// Without what the policy says of anything but pods.
  public PolicyReport onlyOfPods() {
    var violations =
        status.violations().stream()
            .filter(found -> Check.valueOf(found.check()).area() == Check.Area.WORKLOADS)
            .toList();
    var byCheck = new TreeMap<String, Integer>();
    violations.forEach(found -> byCheck.merge(found.check(), 1, Integer::sum));
    return new PolicyReport(
        policy,
        origin,
        mode,
        new CgroupPolicyStatus(
            status.observedGeneration(),
            status.conditions().stream()
                .filter(condition -> CONDITIONS.contains(condition.getType()))
                .toList(),
            null,
            status.workloads(),
            status.preview(),
            null,
            null,
            violations.size(),
            byCheck,
            violations));
  }
}
