package io.cgrouppolicy.report.html;

import io.cgrouppolicy.report.AreaLine;
import io.cgrouppolicy.report.PolicyReport;
import io.cgrouppolicy.report.Report;
import java.util.List;

/// A policy with its verdicts.
///
/// @param enforces whether the operator puts its objects in place
record PolicySection(
    String name, String origin, String mode, boolean enforces, List<Line> lines, String findings) {

  /// @param style the class of its color
  /// @param mark a shape, because color alone says nothing to many readers
  record Line(String area, String verdict, String style, String mark, String message) {
    static Line of(AreaLine line) {
      return switch (line.verdict()) {
        case "compliant" -> new Line(line.area(), "compliant", "ok", "✓", line.message());
        case "violations" -> new Line(line.area(), "violations", "high", "▲", line.message());
        case "unknown" -> new Line(line.area(), "unknown", "medium", "?", line.message());
        default -> new Line(line.area(), "", "", "", line.message());
      };
    }
  }

  static PolicySection of(Report report, PolicyReport policy) {
    return new PolicySection(
        policy.policy(),
        policy.origin(),
        policy.mode(),
        policy.mode().equals("Enforce"),
        AreaLine.of(report, policy).stream().map(Line::of).toList(),
        Amounts.count(policy.status().violations().size(), "finding"));
  }

  public boolean silent() {
    return lines.isEmpty();
  }
}
