package io.cgrouppolicy.report.html;

import io.cgrouppolicy.core.check.Check.Severity;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The findings on a namespace or a node.
final class Tally {
  private final Map<Severity, Integer> counts = new EnumMap<>(Severity.class);

  void add(Severity severity) {
    counts.merge(severity, 1, Integer::sum);
  }

  int total() {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /// Those that there are, the most severe first.
  public List<SeverityCount> bySeverity() {
    var found = new ArrayList<SeverityCount>();
    counts.forEach((severity, count) -> found.add(SeverityCount.of(severity, count)));
    return found;
  }

  /// Greater for a more severe one, whatever the number of less severe findings is.
  public long weight() {
    long weight = 0;
    for (var severity : Severity.values()) {
      weight = weight * 50_000 + Math.min(counts.getOrDefault(severity, 0), 49_999);
    }
    return weight;
  }
}
