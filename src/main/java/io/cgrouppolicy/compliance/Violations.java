package io.cgrouppolicy.compliance;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Collects what is violated: counted in full, listed in a sample that is the same each time.
final class Violations {
  static final int MOST = 100;

  private static final Comparator<Violation> ORDER =
      Comparator.comparing(Violation::check)
          .thenComparing(Violation::kind)
          .thenComparing(Violation::name)
          .thenComparing(Violation::message);

  private final List<Violation> all = new ArrayList<>();
  private final Map<Check, Integer> byCheck = new EnumMap<>(Check.class);

  void add(String kind, String name, Finding finding) {
    byCheck.merge(finding.check(), 1, Integer::sum);
    all.add(
        new Violation(
            finding.check().name(),
            kind,
            null,
            name,
            finding.expected(),
            finding.actual(),
            finding.message()));
  }

  int count() {
    return all.size();
  }

  Map<Check, Integer> byCheck() {
    return byCheck;
  }

  List<Violation> listed() {
    return all.stream().sorted(ORDER).limit(MOST).toList();
  }
}
