package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PreviewCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.WorkloadCounts;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.Conditions.Status;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import java.util.StringJoiner;

/// Counts the pods of a policy: by the rules of `spec.workloads`, and by what the policy's
/// LimitRange and ResourceQuota do to them.
final class WorkloadTally {
  private int pods;
  private int nonCompliant;
  private int wouldChange;
  private int wouldReject;
  private int rejectedWorkloads;
  private int violated;
  private int pending;
  private final int selected;
  private final boolean overruled;
  private final Trouble trouble;

  WorkloadTally(
      CompiledPolicy policy,
      Namespaces namespaces,
      Workloads workloads,
      Exceptions exceptions,
      Violations violations) {
    selected = namespaces.selected().size();
    overruled = namespaces.overruled();
    trouble = workloads.trouble();
    for (var namespace : namespaces.selected()) {
      var verdict = workloads.of(policy, namespace);
      if (verdict == null) {
        pending++;
        continue;
      }
      pods += verdict.pods();
      wouldChange += verdict.preview().wouldChange();
      wouldReject += verdict.preview().wouldReject();
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
        if (!exceptions.silences(check, namespace)) {
          violated++;
          rejectedWorkloads += check == Check.RejectedByPolicy ? 1 : 0;
          var in = found.kind().equals("Namespace") ? null : namespace;
          violations.add(found.kind(), in, found.name(), found.finding());
        }
      }
    }
  }

  WorkloadCounts counts() {
    return new WorkloadCounts(pods, pods - nonCompliant, nonCompliant);
  }

  /// @param waiting the namespaces whose objects are held back
  PreviewCounts preview(int waiting) {
    return new PreviewCounts(wouldChange, wouldReject, waiting);
  }

  /// What is still being evaluated, or null.
  String observing() {
    return pending > 0 && trouble == null
        ? "pods of " + CountMessage.of(pending, "namespace") + " not yet evaluated"
        : null;
  }

  Status condition(Conditions conditions) {
    if (trouble != null) {
      return conditions.set(
          "WorkloadsCompliant", Status.Unknown, trouble.reason(), "see condition Ready");
    }
    if (violated > 0) {
      return conditions.set(
          "WorkloadsCompliant",
          Status.False,
          "ViolationsFound",
          violations() + (pending > 0 ? "; " + observing() : ""));
    }
    if (pending > 0) {
      return conditions.set("WorkloadsCompliant", Status.Unknown, "Observing", observing());
    }
    if (selected == 0) {
      return PolicyStatusFactory.empty(conditions, "WorkloadsCompliant", "namespace", overruled);
    }
    return conditions.set("WorkloadsCompliant", Status.True, "Compliant", compliance());
  }

  /// Violations need not be of a pod: a quota may lack room for a rolling update.
  private String violations() {
    var parts = new StringJoiner("; ");
    if (nonCompliant > 0) {
      parts.add(nonCompliant + " of " + CountMessage.of(pods, "pod") + " in violation");
    }
    if (rejectedWorkloads > 0) {
      parts.add("pods of " + CountMessage.of(rejectedWorkloads, "workload") + " are rejected");
    }
    return parts.length() > 0
        ? parts.toString()
        : CountMessage.of(violated, "violation") + ", none of a single pod";
  }

  private String compliance() {
    var namespaces = CountMessage.of(selected, "namespace");
    return switch (pods) {
      case 0 -> "no pods in " + namespaces;
      case 1 -> "the only pod in " + namespaces + " complies with the policy";
      default -> "all " + pods + " pods in " + namespaces + " comply with the policy";
    };
  }
}
