package io.cgrouppolicy.report.html;

import static java.util.Comparator.naturalOrder;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a reader without time needs to know.
///
/// @param style the class of its color
/// @param mark a shape, because color alone says nothing to many readers
record Summary(
    String style,
    String mark,
    String headline,
    String sentence,
    List<SeverityCount> severities,
    List<Tile> tiles) {

  /// A figure.
  ///
  /// @param link to the section that explains it
  record Tile(String title, String figure, String note, String link) {}

  static Summary of(
      Report report,
      List<Violation> violations,
      List<NamespaceRow> namespaces,
      List<NodeRow> nodes) {
    var severities = SeverityCount.all(violations);
    var tiles = tiles(report, violations, namespaces, nodes);
    var worst = severities.stream().filter(SeverityCount::any).findFirst();
    if (worst.isPresent()) {
      return of(worst.get(), report, where(violations), severities, tiles);
    }
    if (!report.problems().isEmpty()) {
      return new Summary(
          "high", "▲", problems(report) + " of policies", "Fix them first.", severities, tiles);
    }
    if (report.policies().isEmpty()) {
      return new Summary(
          "ok",
          "✓",
          "No problems",
          "The manifests contain nothing but valid policies.",
          severities,
          tiles);
    }
    return report.unseen().stream().allMatch(lack -> lack.asked())
        ? new Summary(
            "ok", "✓", "No findings", "All that was evaluated complies.", severities, tiles)
        : new Summary(
            "medium",
            "?",
            "No findings, but not everything was looked at",
            "See Not looked at.",
            severities,
            tiles);
  }

  /// The places of the most severe findings.
  private static String where(List<Violation> violations) {
    var worst =
        violations.stream().map(found -> Report.check(found).severity()).min(naturalOrder());
    var found =
        violations.stream()
            .filter(violation -> Report.check(violation).severity() == worst.orElseThrow())
            .toList();
    var namespaces = found.stream().map(FindingGroup::place).filter(n -> !n.isEmpty());
    var nodes = found.stream().filter(n -> FindingGroup.place(n).isEmpty()).map(Violation::name);
    return Stream.of(
            counted(namespaces.distinct().count(), "namespace"),
            counted(nodes.distinct().count(), "node"))
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining(" and ", "Concerns ", "."));
  }

  private static String counted(long number, String singular) {
    return number == 0 ? "" : Amounts.count(number, singular);
  }

  private static Summary of(
      SeverityCount worst,
      Report report,
      String where,
      List<SeverityCount> severities,
      List<Tile> tiles) {
    var found = Amounts.count(worst.count(), worst.style() + " finding");
    var headline =
        switch (worst.name()) {
          case "Critical" -> "Act now: " + found;
          case "High" -> "At risk: " + found;
          default -> "Nothing urgent: " + found;
        };
    var problems =
        report.problems().isEmpty() ? "" : " The policies have " + problems(report) + ", too.";
    return new Summary(worst.style(), worst.mark(), headline, where + problems, severities, tiles);
  }

  private static String problems(Report report) {
    return Amounts.count(report.problems().size(), "problem");
  }

  private static List<Tile> tiles(
      Report report,
      List<Violation> violations,
      List<NamespaceRow> namespaces,
      List<NodeRow> nodes) {
    var tiles = new ArrayList<Tile>();
    tiles.add(
        new Tile(
            "Findings",
            Amounts.digits(violations.size()),
            "by " + policies(report.policies().size()),
            violations.isEmpty() ? "#summary" : "#findings"));
    if (!namespaces.isEmpty()) {
      tiles.add(namespaces(namespaces));
    }
    if (!nodes.isEmpty()) {
      long clean = nodes.stream().filter(NodeRow::clean).count();
      long pressing = nodes.stream().filter(NodeRow::pressing).count();
      tiles.add(
          new Tile(
              "Nodes without findings",
              of(clean, nodes.size()),
              pressing == 0 ? "none above a pressure threshold" : pressing + " under pressure",
              "#nodes"));
    }
    var loads = namespaces.stream().map(NamespaceRow::load).filter(load -> load != null).toList();
    if (!loads.isEmpty()) {
      tiles.add(
          new Tile(
              "Pods without a memory limit",
              of(
                  loads.stream().mapToLong(load -> load.uncapped()).sum(),
                  loads.stream().mapToLong(load -> load.pods()).sum()),
              "each can use all memory of its node",
              "#namespaces"));
    }
    return tiles;
  }

  private static Tile namespaces(List<NamespaceRow> namespaces) {
    long clean = namespaces.stream().filter(row -> row.selected() && row.clean()).count();
    long selected = namespaces.stream().filter(NamespaceRow::selected).count();
    long others = namespaces.size() - selected;
    return new Tile(
        "Namespaces without findings",
        of(clean, selected),
        others == 0 ? "all are selected by a policy" : others + " more, without a policy",
        "#namespaces");
  }

  private static String policies(int count) {
    return count == 1 ? "1 policy" : count + " policies";
  }

  private static String of(long part, long all) {
    return Amounts.digits(part) + " of " + Amounts.digits(all);
  }
}
