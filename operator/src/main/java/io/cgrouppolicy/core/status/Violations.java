package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/// Collects violations: counts all, and keeps a stable sample.
final class Violations {
  static final int MAX_LISTED = 100;

  private static final Comparator<Violation> ORDER =
      Comparator.comparing(Violation::check)
          .thenComparing(Violation::kind)
          .thenComparing(
              Violation::namespace, Comparator.nullsFirst(Comparator.<String>naturalOrder()))
          .thenComparing(Violation::name)
          .thenComparing(Violation::message);

  /// The first violations in order, with the last of them on top: tens of thousands may be dropped.
  private final PriorityQueue<Violation> first = new PriorityQueue<>(ORDER.reversed());

  private final Map<Check, Integer> byCheck = new EnumMap<>(Check.class);
  private int count;

  /// Adds a violation by a cluster-scoped object.
  void add(String kind, String name, Finding finding) {
    add(kind, null, name, finding);
  }

  void add(String kind, String namespace, String name, Finding finding) {
    count++;
    byCheck.merge(finding.check(), 1, Integer::sum);
    first.add(
        new Violation(
            finding.check().name(),
            kind,
            namespace,
            name,
            finding.expected(),
            finding.actual(),
            finding.message()));
    if (first.size() > MAX_LISTED) {
      first.poll();
    }
  }

  int count() {
    return count;
  }

  Map<Check, Integer> byCheck() {
    return byCheck;
  }

  List<Violation> listed() {
    return first.stream().sorted(ORDER).toList();
  }
}
