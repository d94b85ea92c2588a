package io.cgrouppolicy.report.html;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.report.AreaLine;
import io.cgrouppolicy.report.NodePicture;
import io.cgrouppolicy.report.NodePicture.Asked;
import io.cgrouppolicy.report.NodePicture.Share;
import io.cgrouppolicy.report.PolicyReport;
import io.cgrouppolicy.report.Report;
import io.cgrouppolicy.report.Report.PolicyProblem;
import io.cgrouppolicy.report.Unseen;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What the template shows.
///
/// @param time in ISO 8601, and date for readers
/// @param totals of all nodes; null if their capacity is unknown
/// @param nodes the worst of them
/// @param moreNodes how many others there are, in words; "" for none
/// @param files whether the objects come from files
record Page(
    String subject,
    String time,
    String date,
    Summary summary,
    List<PolicyProblem> problems,
    List<PolicySection> policies,
    Totals totals,
    List<NodeRow> nodes,
    String moreNodes,
    List<NamespaceRow> namespaces,
    List<FindingGroup> groups,
    String findings,
    List<Unseen> unseen,
    boolean files) {
  /// How many nodes have a row: more would only be scrolled past.
  static final int NODES = 200;

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /// All nodes together.
  record Totals(String nodes, Bar memory, Bar cpu) {}

  static Page of(Report report, Instant now) {
    var violations = report.policies().stream().flatMap(Report::violations).toList();
    var modes =
        report.policies().stream()
            .collect(Collectors.toMap(PolicyReport::policy, PolicyReport::mode, (a, b) -> a));
    var namespaces =
        NamespaceRow.of(
            report.inventory().namespaces(), tallies(violations, FindingGroup::place), modes);
    var nodes =
        NodeRow.worstFirst(
            report.inventory().nodes(),
            tallies(violations, Page::node),
            checks(violations),
            judgesPressure(report));
    return new Page(
        report.subject(),
        now.toString(),
        DATE.format(now),
        Summary.of(report, violations, namespaces, nodes),
        report.problems(),
        report.policies().stream().map(policy -> PolicySection.of(report, policy)).toList(),
        totals(report.inventory().nodes()),
        nodes.stream().limit(NODES).toList(),
        nodes.size() <= NODES ? "" : Amounts.count(nodes.size() - NODES, "node"),
        namespaces,
        FindingGroup.of(report),
        Amounts.count(violations.size(), "finding"),
        report.unseen(),
        !report.files().isEmpty());
  }

  private static String node(Violation found) {
    return found.kind().equals("Node") ? found.name() : "";
  }

  /// @param name of what a violation counts for, or ""
  private static Map<String, Tally> tallies(
      Collection<Violation> violations, Function<Violation, String> name) {
    var tallies = new HashMap<String, Tally>();
    for (var found : violations) {
      var key = name.apply(found);
      if (!key.isEmpty()) {
        tallies.computeIfAbsent(key, unused -> new Tally()).add(Report.check(found).severity());
      }
    }
    return tallies;
  }

  private static Map<String, Set<Check>> checks(Collection<Violation> violations) {
    var checks = new HashMap<String, Set<Check>>();
    for (var found : violations) {
      checks.computeIfAbsent(node(found), name -> new TreeSet<>()).add(Report.check(found));
    }
    return checks;
  }

  private static boolean judgesPressure(Report report) {
    return report.policies().stream()
        .flatMap(policy -> AreaLine.of(report, policy).stream())
        .anyMatch(line -> line.area().equals("Pressure"));
  }

  private static Totals totals(List<NodePicture> nodes) {
    var measured =
        nodes.stream()
            .filter(node -> node.memory().capacity() > 0 && node.memory().allocatable() >= 0)
            .toList();
    if (measured.size() < 2) {
      return null;
    }
    boolean loaded = measured.stream().allMatch(node -> node.load() != null);
    return new Totals(
        Amounts.count(measured.size(), "node"),
        Bar.of(
            sum(measured, NodePicture::memory),
            loaded ? asked(measured, node -> node.load().memory()) : null,
            Amounts.MEMORY),
        Bar.of(
            sum(measured, NodePicture::cpu),
            loaded ? asked(measured, node -> node.load().cpu()) : null,
            Amounts.CPU));
  }

  private static Share sum(List<NodePicture> nodes, Function<NodePicture, Share> share) {
    var shares = nodes.stream().map(share).toList();
    return new Share(
        shares.stream().mapToLong(Share::capacity).sum(),
        shares.stream().mapToLong(Share::allocatable).sum(),
        null);
  }

  private static Asked asked(List<NodePicture> nodes, Function<NodePicture, Asked> asked) {
    var all = nodes.stream().map(asked).toList();
    return new Asked(
        all.stream().mapToLong(Asked::requests).sum(), all.stream().mapToLong(Asked::limits).sum());
  }
}
