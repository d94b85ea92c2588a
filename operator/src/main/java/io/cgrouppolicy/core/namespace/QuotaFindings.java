package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.limits.Difference;
import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.limits.QuotaDefaults;
import io.cgrouppolicy.core.limits.ResourceNames;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Checks that a policy's quota is enforced and all of it counted, and that LimitRanges default
/// what it counts, so that pods that do not set it are admitted.
final class QuotaFindings {
  private QuotaFindings() {}

  /// @param name the object name of one of the policy's quotas
  static void add(CompiledPolicy policy, String name, Observed observed, List<Finding> findings) {
    withoutDefaults(policy, name, observed, findings);
    notEffective(policy, name, observed, findings);
  }

  private static void withoutDefaults(
      CompiledPolicy policy, String name, Observed observed, List<Finding> findings) {
    var quota = policy.resourceQuotas().get(name);
    boolean blocked =
        policy.limitRange() != null
            && observed.limitRange() != null
            && !Child.isOurs(observed.limitRange());
    if (blocked && !observed.resourceQuotas().containsKey(name)) {
      return; // the quota is withheld for that reason, which another finding reports
    }
    var limitRanges = new ArrayList<LimitRangeSpec>(observed.foreignLimitRanges().values());
    if (policy.limitRange() != null && !blocked) {
      limitRanges.add(policy.limitRange());
    }
    var lacking = QuotaDefaults.lacking(quota, limitRanges);
    if (!lacking.isEmpty()) {
      var names = String.join(", ", lacking);
      findings.add(
          Finding.of(
              Check.ResourceQuotaWithoutDefaults,
              "a default for " + names,
              "none",
              policy.describe(name)
                  + " counts "
                  + names
                  + ", for which no LimitRange gives containers a default: "
                  + QuotaDefaults.about(quota)
                  + " with a container that does not set it is refused"));
    }
  }

  /// Skips a quota that drifted, which another finding reports.
  private static void notEffective(
      CompiledPolicy policy, String name, Observed observed, List<Finding> findings) {
    var quota = observed.resourceQuotas().get(name);
    if (!observed.overdueQuotas().contains(name)
        || quota == null
        || !Child.isOurs(quota)
        || !ResourceQuotaRules.differences(policy.resourceQuotas().get(name), quota.getSpec())
            .isEmpty()) {
      return;
    }
    var differences = new ArrayList<Difference>();
    Quantities.compare(
        "status.hard", quota.getSpec().getHard(), QuotaAdoption.hard(quota), differences);
    if (differences.isEmpty()) {
      uncounted(quota).ifPresent(findings::add);
      return;
    }
    var hard = QuotaAdoption.hard(quota);
    boolean never = hard == null || hard.isEmpty();
    findings.add(
        Difference.finding(
            Check.ResourceQuotaNotEffective,
            differences,
            "ResourceQuota " + name + ": ",
            "; "
                + (never ? "none of it is enforced" : "the old figures are enforced")
                + " until the quota controller adopts it"));
  }

  private static Optional<Finding> uncounted(ResourceQuota quota) {
    var keys =
        QuotaAdoption.uncounted(quota).stream()
            .filter(key -> !ResourceNames.isCountedByHami(key, quota.getSpec().getHard().keySet()))
            .toList();
    return keys.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                Check.ResourceQuotaNotEffective,
                "status.used of " + String.join(", ", keys),
                "absent",
                "ResourceQuota "
                    + quota.getMetadata().getName()
                    + ": nothing counts "
                    + keys.stream()
                        .map(key -> key + ResourceNames.uncountedHint(key))
                        .collect(Collectors.joining(", "))
                    + ", so any amount is admitted"));
  }
}
