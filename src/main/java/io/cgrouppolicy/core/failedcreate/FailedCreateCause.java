package io.cgrouppolicy.core.failedcreate;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.failedcreate.FailedCreate.Rule;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Whether our objects refused a pod: a quota is named in the refusal, a LimitRange is not, and is
/// known by the value that it says. So a refusal ends, too, when our objects no longer say so.
///
/// @param limitRange what our LimitRange in the namespace says, or null where there is none
/// @param resourceQuota what our quota in the namespace says, or null where there is none
/// @param foreign the other LimitRanges of the namespace, by name
public record FailedCreateCause(
    LimitRangeSpec limitRange,
    ResourceQuotaSpec resourceQuota,
    Map<String, LimitRangeSpec> foreign) {

  /// The finding on the workload whose pods are refused; empty where it is not because of us.
  public Optional<Finding> judge(FailedCreate refusal) {
    if (refusal.quota() != null) {
      return exceeds(refusal) ? Optional.of(finding(refusal.reason())) : Optional.empty();
    }
    if (!says(limitRange, refusal)) {
      return Optional.empty();
    }
    var others =
        new TreeMap<>(foreign)
            .entrySet().stream()
                .filter(other -> says(other.getValue(), refusal))
                .map(Map.Entry::getKey)
                .toList();
    return Optional.of(
        finding(
            others.isEmpty()
                ? refusal.reason()
                : refusal.reason()
                    + " (ours, or LimitRange "
                    + String.join(", ", others)
                    + ", which says the same)"));
  }

  private static Finding finding(String reason) {
    return Finding.of(
        Check.RejectedByPolicy, "pods are admitted", "refused", "pods are refused: " + reason);
  }

  private boolean exceeds(FailedCreate refusal) {
    return resourceQuota != null
        && refusal.quota().equals(Child.NAME)
        && refusal.limited().entrySet().stream()
            .allMatch(
                entry -> {
                  var hard = resourceQuota.getHard().get(entry.getKey());
                  return hard != null && Quantities.number(hard).compareTo(entry.getValue()) == 0;
                });
  }

  private static boolean says(LimitRangeSpec spec, FailedCreate refusal) {
    return spec != null
        && spec.getLimits() != null
        && spec.getLimits().stream()
            .anyMatch(item -> refusal.rules().stream().anyMatch(rule -> says(item, rule)));
  }

  private static boolean says(LimitRangeItem item, Rule rule) {
    if (!rule.type().equals(item.getType())) {
      return false;
    }
    Map<String, Quantity> values =
        switch (rule.field()) {
          case MIN -> item.getMin();
          case MAX -> item.getMax();
          case RATIO -> item.getMaxLimitRequestRatio();
          case DEFAULT -> item.getDefault();
        };
    var value = values == null ? null : values.get(rule.resource());
    return value != null && Quantities.number(value).compareTo(rule.value()) == 0;
  }
}
