package io.cgrouppolicy.core.status;

import static java.util.stream.Collectors.joining;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Check.Severity;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// The number of violations in words, in total and of each severity: `3 violations: 1 high, 2 low`.
public final class ViolationSummary {
  private ViolationSummary() {}

  public static String of(Map<Check, Integer> byCheck) {
    if (byCheck.isEmpty()) {
      return "no violations";
    }
    var bySeverity = new EnumMap<Severity, Integer>(Severity.class);
    byCheck.forEach((check, count) -> bySeverity.merge(check.severity(), count, Integer::sum));
    int all = bySeverity.values().stream().mapToInt(Integer::intValue).sum();
    return bySeverity.entrySet().stream()
        .map(e -> e.getValue() + " " + e.getKey().name().toLowerCase(Locale.ROOT))
        .collect(joining(", ", CountMessage.of(all, "violation") + ": ", ""));
  }
}
