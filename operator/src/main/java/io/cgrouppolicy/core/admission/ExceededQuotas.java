package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.cgrouppolicy.core.namespace.QuotaAdoption;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Finds the quotas that are below current usage by their own status, once they are in place. The
/// quota controller also counts what the previews do not see: objects of all kinds, and pods that
/// have ended or are terminating.
public final class ExceededQuotas {
  private ExceededQuotas() {}

  /// The findings of check WouldReject.
  ///
  /// @param stored the quotas in the namespace, by name
  /// @param previewed the findings so far; what they report is not reported again
  public static List<WorkloadFinding> of(
      CompiledPolicy policy,
      String namespace,
      Map<String, ResourceQuota> stored,
      List<WorkloadFinding> previewed) {
    return policy.resourceQuotas().entrySet().stream()
        .filter(quota -> isExceeded(quota.getValue(), stored.get(quota.getKey())))
        .flatMap(
            quota ->
                texts(
                    policy,
                    quota.getKey(),
                    quota.getValue(),
                    stored.get(quota.getKey()),
                    previewed))
        .map(
            text ->
                new WorkloadFinding(
                    "Namespace",
                    namespace,
                    Finding.of(Check.WouldReject, "room in the quota", "none", text)))
        .toList();
  }

  private static boolean isExceeded(ResourceQuotaSpec desired, ResourceQuota stored) {
    return stored != null
        && !QuotaAdoption.exceeded(stored).isEmpty() // almost always, and the cheapest to find
        && Child.isOurs(stored)
        && ResourceQuotaRules.differences(desired, stored.getSpec()).isEmpty();
  }

  private static Stream<String> texts(
      CompiledPolicy policy,
      String name,
      ResourceQuotaSpec spec,
      ResourceQuota stored,
      List<WorkloadFinding> previewed) {
    var evaluator = new QuotaEvaluator(name, spec);
    var exceeded = ResourceList.of(QuotaAdoption.exceeded(stored)).only(evaluator.hard().names());
    var title = policy.describe(name);
    return exceeded.names().stream()
        .filter(
            resource ->
                previewed.stream()
                    .noneMatch(
                        found ->
                            found
                                .finding()
                                .message()
                                .startsWith(title + QuotaEvaluator.belowUsage(resource))))
        .flatMap(resource -> evaluator.belowUsage(exceeded.only(List.of(resource))).stream())
        .map(title::concat);
  }
}
