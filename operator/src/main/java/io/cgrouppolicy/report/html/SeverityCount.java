package io.cgrouppolicy.report.html;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check.Severity;
import io.cgrouppolicy.report.Report;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// The number of findings of a severity.
///
/// @param style the class of its color
/// @param mark a shape, because color alone says nothing to many readers
/// @param x where its part of a bar begins, in percent
record SeverityCount(
    String name, String style, String mark, String meaning, long count, String x, String width) {

  static SeverityCount of(Severity severity, long count) {
    return of(severity, count, 0, 0);
  }

  private static SeverityCount of(Severity severity, long count, double x, double width) {
    return new SeverityCount(
        severity.name(),
        severity.name().toLowerCase(Locale.ROOT),
        mark(severity),
        meaning(severity),
        count,
        percent(x),
        percent(width));
  }

  /// All severities, also those without a finding, as parts of a bar.
  static List<SeverityCount> all(Collection<Violation> violations) {
    var counts = new long[Severity.values().length];
    violations.forEach(found -> counts[Report.check(found).severity().ordinal()]++);
    long[] before = {0};
    return Arrays.stream(Severity.values())
        .map(
            severity -> {
              long count = counts[severity.ordinal()];
              double all = Math.max(1, violations.size());
              var part = of(severity, count, 100 * before[0] / all, 100 * count / all);
              before[0] += count;
              return part;
            })
        .toList();
  }

  public boolean any() {
    return count > 0;
  }

  public String digits() {
    return Amounts.digits(count);
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.3f%%", value);
  }

  private static String mark(Severity severity) {
    return switch (severity) {
      case Critical -> "◆";
      case High -> "▲";
      case Medium -> "■";
      case Low -> "●";
    };
  }

  private static String meaning(Severity severity) {
    return switch (severity) {
      case Critical ->
          "A workload cannot get its pods, or a node is about to run out of memory. Act today.";
      case High -> "Nothing prevents such a failure, or the state is unknown. Plan a fix.";
      case Medium -> "A problem to fix that takes nothing down on its own.";
      case Low -> "A recommendation.";
    };
  }
}
