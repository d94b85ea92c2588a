package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.cgrouppolicy.core.pods.WorkloadVerdict.Preview;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;

/// Judges the pods of one namespace by one policy.
///
/// Terminating pods count neither as pods nor as violations, because they cannot be fixed any more.
/// A mirror pod is its own workload, whatever controller it names.
public final class WorkloadJudge {
  private WorkloadJudge() {}

  /// @param pods all pods of the namespace
  /// @param owner resolves the workload of a pod; called once per controller
  /// @param more rules in addition to those of `spec.workloads`
  /// @param others RejectedByPolicy findings, which are about workloads and not about single pods
  public static WorkloadVerdict judge(
      CompiledPolicy policy,
      Collection<PodFacts> pods,
      Function<PodFacts, Workload> owner,
      List<PodRule> more,
      List<WorkloadFinding> others,
      Preview preview) {
    var rule = WorkloadRules.rule(policy.spec().workloads());
    var findings = new WorkloadFindings();
    var workloads = new IdentityHashMap<Controller, Workload>();
    int count = 0;
    for (var pod : pods) {
      if (pod.terminating()) {
        continue;
      }
      count++;
      var workload =
          pod.mirror()
              ? Workload.of(pod)
              : pod.controller() == null
                  ? owner.apply(pod)
                  : workloads.computeIfAbsent(pod.controller(), controller -> owner.apply(pod));
      var podFindings = rule.of(pod, workload);
      if (!more.isEmpty()) {
        podFindings = new ArrayList<>(podFindings);
        for (var other : more) {
          podFindings.addAll(other.of(pod, workload));
        }
      }
      findings.add(pod, workload, podFindings);
    }
    return new WorkloadVerdict(
        policy.uid(),
        policy.generation(),
        count,
        findings.podsByChecks(),
        sorted(findings.findings(), others),
        preview);
  }

  private static List<WorkloadFinding> sorted(
      List<WorkloadFinding> findings, List<WorkloadFinding> others) {
    var all = new ArrayList<>(findings);
    all.addAll(others);
    all.sort(WorkloadFindings.ORDER);
    return List.copyOf(all);
  }
}
