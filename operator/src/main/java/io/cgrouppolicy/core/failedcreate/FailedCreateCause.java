package io.cgrouppolicy.core.failedcreate;

import io.cgrouppolicy.core.admission.LimitRanger;
import io.cgrouppolicy.core.admission.Rejection;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.failedcreate.FailedCreate.Rule;
import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Decides whether the policy's objects rejected a pod. The error names a quota but not a
/// LimitRange, which is identified by the values in the error. A rejection therefore also ends when
/// the objects no longer have those values.
///
/// @param limitRange the spec of the policy's LimitRange in the namespace, or null
/// @param resourceQuotas the specs of the policy's quotas in the namespace, by name
/// @param foreign the other LimitRanges of the namespace, by name
public record FailedCreateCause(
    LimitRangeSpec limitRange,
    Map<String, ResourceQuotaSpec> resourceQuotas,
    Map<String, LimitRangeSpec> foreign) {

  /// The finding on the workload whose pods are rejected; empty if the policy did not cause it.
  ///
  /// @param template of the rejected pods, or null if unknown
  public Optional<Finding> judge(FailedCreate rejection, PodShape template) {
    if (rejection.quota() != null) {
      return exceeds(rejection)
          ? Optional.of(finding(rejection, rejection.reason()))
          : Optional.empty();
    }
    if (!has(limitRange, rejection)) {
      return Optional.empty();
    }
    var others =
        new TreeMap<>(foreign)
            .entrySet().stream()
                .filter(other -> has(other.getValue(), rejection))
                .map(Map.Entry::getKey)
                .toList();
    var reason = rejection.reason() + containers(rejection, template);
    return Optional.of(
        finding(
            rejection,
            others.isEmpty()
                ? reason
                : reason
                    + " (by the policy's LimitRange or by LimitRange "
                    + String.join(", ", others)
                    + " with the same value)"));
  }

  /// Names the containers, which the API server's error about a LimitRange does not.
  private String containers(FailedCreate rejection, PodShape template) {
    var containers =
        template == null
            ? List.<String>of()
            : new LimitRanger(List.of(limitRange))
                .admit(template).rejections().stream()
                    .filter(found -> rejection.reason().contains(found.text()))
                    .map(Rejection::subject)
                    .filter(subject -> !subject.equals("pod"))
                    .distinct()
                    .toList();
    return containers.isEmpty() ? "" : " (" + String.join(", ", containers) + ")";
  }

  private static Finding finding(FailedCreate rejection, String reason) {
    return Finding.of(
        Check.RejectedByPolicy,
        rejection.rejected() + " are admitted",
        "rejected",
        rejection.rejected() + " are rejected: " + reason);
  }

  private boolean exceeds(FailedCreate rejection) {
    var quota = resourceQuotas.get(rejection.quota());
    return quota != null
        && rejection.limited().entrySet().stream()
            .allMatch(
                entry -> {
                  var hard = quota.getHard().get(entry.getKey());
                  return hard != null && Quantities.number(hard).compareTo(entry.getValue()) == 0;
                });
  }

  private static boolean has(LimitRangeSpec spec, FailedCreate rejection) {
    return spec != null
        && spec.getLimits() != null
        && spec.getLimits().stream()
            .anyMatch(item -> rejection.rules().stream().anyMatch(rule -> has(item, rule)));
  }

  private static boolean has(LimitRangeItem item, Rule rule) {
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
