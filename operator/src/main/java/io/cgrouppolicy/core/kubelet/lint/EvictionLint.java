package io.cgrouppolicy.core.kubelet.lint;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.core.kubelet.DisplayText;
import io.cgrouppolicy.core.kubelet.GoDuration;
import io.cgrouppolicy.core.kubelet.lint.Lint.Draft;
import io.cgrouppolicy.core.limits.Quantities;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Lints eviction thresholds like `ParseThresholdConfig` in pkg/kubelet/eviction/helpers.go.
final class EvictionLint {
  private static final Set<String> SIGNALS =
      Set.of(
          "allocatableMemory.available",
          "containerfs.available",
          "containerfs.inodesFree",
          "imagefs.available",
          "imagefs.inodesFree",
          "memory.available",
          "nodefs.available",
          "nodefs.inodesFree",
          "pid.available");

  private EvictionLint() {}

  static void check(Draft draft) {
    for (var field : List.of("evictionHard", "evictionSoft")) {
      entries(draft, field)
          .forEach(
              (signal, text) -> {
                if (!signal(draft, field, signal) || text.equals("0%") || text.equals("100%")) {
                  return;
                }
                if (!isPositive(text, true)) {
                  draft.rejected(
                      field + "[" + signal + "]",
                      "'"
                          + DisplayText.truncate(text, 40)
                          + "' is neither a positive quantity nor a percentage up to 100%; the"
                          + " kubelet stops");
                }
              });
    }
    var periods = entries(draft, "evictionSoftGracePeriod");
    periods.forEach(
        (signal, text) -> {
          if (signal(draft, "evictionSoftGracePeriod", signal)
              && GoDuration.parse(text).filter(period -> period >= 0).isEmpty()) {
            draft.rejected(
                "evictionSoftGracePeriod[" + signal + "]",
                "'"
                    + DisplayText.truncate(text, 40)
                    + "' is not a duration such as 30s; the kubelet stops");
          }
        });
    entries(draft, "evictionSoft")
        .forEach(
            (signal, text) -> {
              boolean ignored = text.equals("0%") || text.equals("100%");
              if (!ignored && SIGNALS.contains(signal) && !periods.containsKey(signal)) {
                draft.rejected(
                    "evictionSoft[" + signal + "]",
                    "requires a grace period in evictionSoftGracePeriod; the kubelet stops");
              }
            });
    entries(draft, "evictionMinimumReclaim")
        .forEach(
            (signal, text) -> {
              if (signal(draft, "evictionMinimumReclaim", signal)
                  && !isPositive(text, false)
                  && !Quantities.parse(text).isPresent()) {
                draft.rejected(
                    "evictionMinimumReclaim[" + signal + "]",
                    "'"
                        + DisplayText.truncate(text, 40)
                        + "' is neither a quantity nor a positive percentage; the kubelet stops");
              }
            });
  }

  private static boolean signal(Draft draft, String field, String signal) {
    if (SIGNALS.contains(signal)) {
      return true;
    }
    draft.rejected(
        field + "[" + DisplayText.truncate(signal, 60) + "]",
        "is not one of " + new TreeSet<>(SIGNALS) + "; the kubelet stops");
    return false;
  }

  private static boolean isPositive(String text, boolean bounded) {
    if (text.endsWith("%")) {
      return percentage(text)
          .filter(
              percent ->
                  bounded ? percent.compareTo(BigDecimal.valueOf(100)) <= 0 : percent.signum() > 0)
          .isPresent();
    }
    return Quantities.parse(text).filter(amount -> amount.signum() > 0).isPresent();
  }

  static Optional<BigDecimal> percentage(String text) {
    return text.endsWith("%")
        ? Optional.of(text.substring(0, text.length() - 1))
            .filter(number -> number.matches("[0-9]{1,9}(\\.[0-9]{1,9})?"))
            .map(BigDecimal::new)
        : Optional.empty();
  }

  private static TreeMap<String, String> entries(Draft draft, String field) {
    var entries = new TreeMap<String, String>();
    draft
        .value(field)
        .filter(JsonNode::isObject)
        .ifPresent(
            map ->
                map.properties().stream()
                    .filter(entry -> entry.getValue().isTextual())
                    .forEach(entry -> entries.put(entry.getKey(), entry.getValue().textValue())));
    return entries;
  }
}
