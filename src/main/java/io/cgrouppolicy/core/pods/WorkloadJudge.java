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

/// Says what a policy makes of the pods of one namespace.
///
/// Pods that are terminating do not count, neither as pods nor as violations: they are on their way
/// out, and nobody could put them right. A mirror pod stands for itself, whatever it names as its
/// controller.
public final class WorkloadJudge {
  private WorkloadJudge() {}

  /// @param pods all of the namespace
  /// @param owner the workload of a pod; asked once for each controller
  /// @param more rules beside those of `spec.workloads`
  /// @param others findings that are not about single pods: of RejectedByPolicy
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
              ? new Workload("Pod", pod.name(), null)
              : pod.controller() == null
                  ? owner.apply(pod)
                  : workloads.computeIfAbsent(pod.controller(), controller -> owner.apply(pod));
      var remarks = rule.of(pod, workload);
      if (!more.isEmpty()) {
        remarks = new ArrayList<>(remarks);
        for (var other : more) {
          remarks.addAll(other.of(pod, workload));
        }
      }
      findings.add(pod, workload, remarks);
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
