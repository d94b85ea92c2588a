package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.WorkloadCounts;
import io.cgrouppolicy.core.check.Check.Area;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.Conditions.Status;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import java.util.List;

/// Counts the pods of a policy with `spec.workloads`.
final class WorkloadTally {
  private int pods;
  private int nonCompliant;
  private int pending;
  private final int selected;
  private final Trouble trouble;

  WorkloadTally(
      CompiledPolicy policy,
      List<String> namespaces,
      Workloads workloads,
      Exceptions exceptions,
      Violations violations) {
    selected = namespaces.size();
    trouble = workloads.trouble();
    for (var namespace : namespaces) {
      var verdict = workloads.of(policy, namespace);
      if (verdict == null) {
        pending++;
        continue;
      }
      pods += verdict.pods();
      verdict
          .podsByChecks()
          .forEach(
              (checks, n) -> {
                if (checks.stream().anyMatch(check -> !exceptions.silences(check, namespace))) {
                  nonCompliant += n;
                }
              });
      for (var found : verdict.findings()) {
        var check = found.finding().check();
        if (check.area() == Area.WORKLOADS && !exceptions.silences(check, namespace)) {
          violations.add(found.kind(), namespace, found.name(), found.finding());
        }
      }
    }
  }

  WorkloadCounts counts() {
    return new WorkloadCounts(pods, pods - nonCompliant, nonCompliant);
  }

  /// What is still being evaluated, or null.
  String observing() {
    return pending > 0 && trouble == null
        ? "the pods of " + pending + " namespaces are not evaluated yet"
        : null;
  }

  Status condition(Conditions conditions) {
    if (trouble != null) {
      return conditions.set(
          "WorkloadsCompliant", Status.Unknown, trouble.reason(), "see condition Ready");
    }
    if (nonCompliant > 0) {
      return conditions.set(
          "WorkloadsCompliant",
          Status.False,
          "ViolationsFound",
          nonCompliant
              + " of "
              + pods
              + " pods violate the policy"
              + (pending > 0 ? "; " + observing() : ""));
    }
    if (pending > 0) {
      return conditions.set("WorkloadsCompliant", Status.Unknown, "Observing", observing());
    }
    return conditions.set(
        "WorkloadsCompliant",
        Status.True,
        "Compliant",
        "all " + pods + " pods in " + selected + " namespaces comply with the policy");
  }
}
