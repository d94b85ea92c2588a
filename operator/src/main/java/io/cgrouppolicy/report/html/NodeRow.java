package io.cgrouppolicy.report.html;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.report.NodePicture;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A node with its bars and the number of its findings.
///
/// @param load null if the pods are unknown
/// @param pressure in words
/// @param pressing whether some pressure is above its threshold
record NodeRow(
    String name,
    boolean ready,
    Bar memory,
    Bar cpu,
    NodePicture.Load load,
    String pressure,
    boolean pressing,
    Tally findings) {

  /// The pressure checks in words.
  private static final Map<Check, String> PRESSURE =
      Map.of(
          Check.PressureMemory, "memory above threshold",
          Check.PressureCpu, "CPU above threshold",
          Check.PressureIo, "I/O above threshold",
          Check.PressureUnavailable, "no figures");

  private static final List<Check> ORDER =
      List.of(Check.PressureMemory, Check.PressureIo, Check.PressureCpu, Check.PressureUnavailable);

  /// The worst first: memory pressure, then other pressure, the most severe findings, pods without
  /// a memory limit, and limits compared with what is allocatable.
  private static final Comparator<NodeRow> WORST =
      Comparator.comparing((NodeRow row) -> !row.pressure().startsWith("memory"))
          .thenComparing(row -> !row.pressing())
          .thenComparing(row -> -row.findings().weight())
          .thenComparing(row -> -row.uncapped())
          .thenComparing(row -> -row.memory().order())
          .thenComparing(NodeRow::name);

  /// @param tallies by node
  /// @param checks of the findings, by node
  /// @param judgesPressure whether a policy judges pressure
  static List<NodeRow> worstFirst(
      Collection<NodePicture> nodes,
      Map<String, Tally> tallies,
      Map<String, Set<Check>> checks,
      boolean judgesPressure) {
    return nodes.stream()
        .map(
            node ->
                of(
                    node,
                    tallies.getOrDefault(node.name(), new Tally()),
                    checks.getOrDefault(node.name(), Set.of()),
                    judgesPressure))
        .sorted(WORST)
        .toList();
  }

  private static NodeRow of(
      NodePicture node, Tally findings, Set<Check> checks, boolean judgesPressure) {
    var load = node.load();
    var found = ORDER.stream().filter(checks::contains).map(PRESSURE::get).toList();
    var calm = judgesPressure ? "normal" : "not evaluated";
    return new NodeRow(
        node.name(),
        node.ready(),
        Bar.of(node.memory(), load == null ? null : load.memory(), Amounts.MEMORY),
        Bar.of(node.cpu(), load == null ? null : load.cpu(), Amounts.CPU),
        load,
        found.isEmpty() ? calm : String.join(", ", found),
        ORDER.stream().limit(3).anyMatch(checks::contains),
        findings);
  }

  public int uncapped() {
    return load == null ? -1 : load.uncapped();
  }

  public boolean clean() {
    return findings.total() == 0;
  }

  public String digits() {
    return Amounts.count(findings.total(), "finding");
  }
}
