package io.cgrouppolicy.report.html;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.report.PolicyReport;
import io.cgrouppolicy.report.Report;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// All findings of a check, with what to do.
///
/// @param places the number of namespaces or nodes that have one, in words
record FindingGroup(
    String check,
    SeverityCount severity,
    String meaning,
    String reason,
    String advice,
    String places,
    List<Row> rows) {

  /// @param namespace "" for a node
  /// @param file of the manifest, or ""
  record Row(
      String policy, String namespace, String kind, String name, String message, String file) {

    static Row of(Report report, PolicyReport policy, Violation found) {
      var key = Report.key(found.kind(), found.namespace(), found.name());
      return new Row(
          policy.policy(),
          place(found),
          found.kind(),
          found.name(),
          found.message(),
          report.files().getOrDefault(key, ""));
    }
  }

  /// The namespace that a finding is in or about, or "".
  static String place(Violation found) {
    if (found.kind().equals("Namespace")) {
      return found.name();
    }
    return found.namespace() == null ? "" : found.namespace();
  }

  /// The most severe first, then by check.
  static List<FindingGroup> of(Report report) {
    var rows = new TreeMap<Check, List<Row>>();
    for (var policy : report.policies()) {
      Report.violations(policy)
          .forEach(
              found ->
                  rows.computeIfAbsent(Report.check(found), check -> new ArrayList<>())
                      .add(Row.of(report, policy, found)));
    }
    return rows.entrySet().stream()
        .map(FindingGroup::of)
        .sorted(Comparator.comparing(group -> Check.valueOf(group.check()).severity()))
        .toList();
  }

  private static FindingGroup of(Map.Entry<Check, List<Row>> entry) {
    var check = entry.getKey();
    var rows = entry.getValue();
    return new FindingGroup(
        check.name(),
        SeverityCount.of(check.severity(), rows.size()),
        check.meaning(),
        check.reason(),
        check.advice(),
        places(rows),
        rows);
  }

  private static String places(List<Row> rows) {
    var namespaces = new HashSet<String>();
    var nodes = new HashSet<String>();
    for (var row : rows) {
      if (row.namespace().isEmpty()) {
        nodes.add(row.name());
      } else {
        namespaces.add(row.namespace());
      }
    }
    return namespaces.isEmpty()
        ? Amounts.count(nodes.size(), "node")
        : Amounts.count(namespaces.size(), "namespace");
  }

  public String digits() {
    return Amounts.digits(rows.size());
  }
}
