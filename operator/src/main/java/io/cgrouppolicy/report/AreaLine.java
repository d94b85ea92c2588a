package io.cgrouppolicy.report;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A policy's result in a few lines, from the conditions of its status.
///
/// @param area such as `Namespaces`
/// @param verdict compliant, violations or unknown
public record AreaLine(String area, String verdict, String message) {
  private static final Map<String, String> AREAS =
      Map.of(
          "NamespacesCompliant", "Namespaces",
          "WorkloadsCompliant", "Workloads",
          "NodesCompliant", "Nodes",
          "PressureNormal", "Pressure");

  private static final Map<String, String> VERDICTS =
      Map.of("True", "compliant", "False", "violations", "Unknown", "unknown");

  /// Those of which the policy says something, and at which we looked.
  public static List<AreaLine> of(Report report, PolicyReport policy) {
    var lines =
        policy.status().conditions().stream()
            .filter(condition -> AREAS.containsKey(condition.getType()))
            .filter(condition -> !condition.getReason().equals("NotRequested"))
            .filter(condition -> !isUnseen(report, condition))
            .map(
                condition ->
                    new AreaLine(
                        AREAS.get(condition.getType()),
                        VERDICTS.get(condition.getStatus()),
                        condition.getMessage()));
    var preview = policy.status().preview();
    var previewed =
        preview == null || report.isUnseen(Area.PODS)
            ? Stream.<AreaLine>of()
            : Stream.of(
                new AreaLine(
                    "Preview",
                    "",
                    "%s would get a default, %d would be rejected when next created"
                        .formatted(
                            preview.wouldChange() == 1 ? "1 pod" : preview.wouldChange() + " pods",
                            preview.wouldReject())));
    return Stream.concat(lines, previewed).toList();
  }

  private static boolean isUnseen(Report report, Condition condition) {
    return switch (condition.getType()) {
      case "WorkloadsCompliant" -> report.isUnseen(Area.PODS);
      case "NodesCompliant", "PressureNormal" ->
          report.isUnseen(Area.NODES) || report.isUnseen(Area.KUBELETS);
      default -> false;
    };
  }
}
