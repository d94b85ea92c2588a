package io.cgrouppolicy.report;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// What a policy says of a cluster.
///
/// @param origin where the policy comes from, such as `preset baseline`
/// @param status as the operator would write it, with all violations
public record PolicyReport(String policy, String origin, String mode, CgroupPolicyStatus status) {
  private static final Set<String> CONDITIONS = Set.of("WorkloadsCompliant");

  /// Without what the policy says of anything but pods.
  public PolicyReport onlyOfPods() {
    var found = only(one -> Check.valueOf(one.check()).area() == Check.Area.WORKLOADS).status;
    return new PolicyReport(
        policy,
        origin,
        mode,
        new CgroupPolicyStatus(
            found.observedGeneration(),
            found.conditions().stream()
                .filter(condition -> CONDITIONS.contains(condition.getType()))
                .toList(),
            null,
            found.workloads(),
            found.preview(),
            null,
            null,
            found.violationCount(),
            found.violationsByCheck(),
            found.violations()));
  }

  /// With a part of the violations. What the conditions say is still about all.
  public PolicyReport only(Predicate<Violation> chosen) {
    return with(status.violations().stream().filter(chosen).toList());
  }

  /// With other messages of the violations.
  public PolicyReport withMessages(UnaryOperator<String> change) {
    return with(
        status.violations().stream()
            .map(
                found ->
                    new Violation(
                        found.check(),
                        found.severity(),
                        found.kind(),
                        found.namespace(),
                        found.name(),
                        found.expected(),
                        found.actual(),
                        change.apply(found.message())))
            .toList());
  }

  private PolicyReport with(List<Violation> violations) {
    return new PolicyReport(
        policy,
        origin,
        mode,
        new CgroupPolicyStatus(
            status.observedGeneration(),
            status.conditions(),
            status.namespaces(),
            status.workloads(),
            status.preview(),
            status.nodes(),
            status.pressure(),
            violations.size(),
            count(violations),
            violations));
  }

  /// The number of violations of each check that has any.
  public static Map<String, Integer> count(List<Violation> violations) {
    var byCheck = new TreeMap<String, Integer>();
    violations.forEach(found -> byCheck.merge(found.check(), 1, Integer::sum));
    return byCheck;
  }
}
