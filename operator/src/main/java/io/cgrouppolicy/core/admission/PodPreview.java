package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.admission.Preview.QuotaFinding;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodFinding;
import io.cgrouppolicy.core.pods.PodRule;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/// The preview for the pods of one namespace, as findings.
///
/// @param safe whether the objects would reject nothing
/// @param rule returns the findings on a pod
/// @param quota the quotas' rejections that do not concern a single pod
public record PodPreview(
    WorkloadVerdict.Preview counts, boolean safe, PodRule rule, List<WorkloadFinding> quota) {
  /// @param pods the pods of the namespace that have not ended
  /// @param workloads resolves the workload of a pod
  public static PodPreview of(
      Preview preview,
      CompiledPolicy policy,
      String namespace,
      Collection<PodFacts> pods,
      Function<PodFacts, Workload> workloads) {
    var result = preview.judge(pods, workloads);
    return new PodPreview(
        result.totals(),
        result.safe(),
        rule(policy, result),
        Stream.concat(result.belowUsage().stream(), result.rollouts().stream())
            .map(found -> finding(namespace, found))
            .toList());
  }

  /// Reports that a pod is older than the LimitRange only if the policy has workload rules, which
  /// are about what pods declare.
  private static PodRule rule(CompiledPolicy policy, Preview.Result result) {
    var findings = new IdentityHashMap<PodFacts, List<PodFinding>>();
    for (var found : result.findings()) {
      if (found.finding().check() == Check.WouldReject || policy.spec().workloads() != null) {
        findings.computeIfAbsent(found.pod(), pod -> new ArrayList<>(2)).add(found.finding());
      }
    }
    return (pod, workload) -> findings.getOrDefault(pod, List.of());
  }

  private static WorkloadFinding finding(String namespace, QuotaFinding found) {
    var workload = found.workload();
    var finding =
        Finding.of(
            Check.WouldReject,
            "room in the quota",
            "none",
            workload == null
                ? found.text()
                : namespace + "/" + workload.name() + ": " + found.text());
    return workload == null
        ? new WorkloadFinding("Namespace", namespace, finding)
        : workload.finding(finding);
  }
}
