package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodRule;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.pods.WorkloadJudge;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Judges the pods of a namespace by all that a policy says about them: the rules of
/// `spec.workloads`, and what its LimitRange and ResourceQuotas would do.
public final class PodReview {
  private PodReview() {}

  /// @param pods the pods of the namespace that have not ended
  /// @param workloads resolves the workload of a pod
  /// @param preview of the policy's objects, or null without any or without pods
  /// @param others the findings about rejected pods, and about PersistentVolumeClaims
  /// @param quotas the quotas in the namespace, by name
  public static WorkloadVerdict judge(
      CompiledPolicy policy,
      String namespace,
      Collection<PodFacts> pods,
      Function<PodFacts, Workload> workloads,
      PodPreview preview,
      List<WorkloadFinding> others,
      Map<String, ResourceQuota> quotas) {
    var all = new ArrayList<>(others);
    if (preview != null) {
      all.addAll(preview.quota());
    }
    all.addAll(ExceededQuotas.of(policy, namespace, quotas, all));
    if (pods.isEmpty() && all.isEmpty()) { // usual when a namespace gets its objects
      return new WorkloadVerdict(
          policy.uid(), policy.generation(), 0, Map.of(), List.of(), WorkloadVerdict.Preview.NONE);
    }
    return WorkloadJudge.judge(
        policy,
        pods,
        workloads,
        preview == null ? List.<PodRule>of() : List.of(preview.rule()),
        all,
        preview == null ? WorkloadVerdict.Preview.NONE : preview.counts());
  }
}
