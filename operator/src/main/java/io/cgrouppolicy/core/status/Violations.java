package io.cgrouppolicy.core.status;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsFirst;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.check.Finding;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/// Counts all violations and lists a fair sample, which depends on the violations alone and not on
/// the order in which they are added.
///
/// The checks share the places of the list: each gets the same number, and what it does not need
/// goes to the others, the most severe first. Within a check the namespaces (or nodes) share its
/// places in the same way. So 10,000 violations of one check or in one namespace hide nothing else.
///
/// The violations of a check in one namespace must be added without others of the check between.
final class Violations {
  static final int MAX_LISTED = 100;

  /// Leaves room for the conditions in a status of 64 KiB.
  private static final int MAX_BYTES = 48 << 10;

  private static final ObjectWriter JSON = new ObjectMapper().writer();

  private static final Comparator<Violation> BY_OBJECT =
      comparing(Violation::namespace, nullsFirst(naturalOrder()))
          .thenComparing(Violation::kind)
          .thenComparing(Violation::name)
          .thenComparing(Violation::message);

  /// @param rank the place among the violations of the check in the same namespace or on the same
  ///     node
  private record Ranked(int rank, Violation violation) {
    private static final Comparator<Ranked> ORDER =
        comparing(Ranked::rank).thenComparing(Ranked::violation, BY_OBJECT);
  }

  /// The violations of one check.
  private static final class OfCheck {
    private final int maxListed;

    /// The first in order, with the last of them on top, to be dropped next.
    private final PriorityQueue<Ranked> first = new PriorityQueue<>(Ranked.ORDER.reversed());

    private final List<Violation> group = new ArrayList<>();
    private String groupName;
    private int count;

    OfCheck(int maxListed) {
      this.maxListed = maxListed;
    }

    void add(String groupName, Violation violation) {
      if (!groupName.equals(this.groupName)) {
        endGroup();
        this.groupName = groupName;
      }
      group.add(violation);
      count++;
    }

    private void endGroup() {
      group.sort(BY_OBJECT);
      for (int rank = 0; rank < Math.min(group.size(), maxListed); rank++) {
        first.add(new Ranked(rank, group.get(rank)));
        if (first.size() > maxListed) {
          first.poll();
        }
      }
      group.clear();
    }

    List<Violation> first(int n) {
      endGroup();
      return first.stream()
          .sorted(Ranked.ORDER)
          .limit(n)
          .map(Ranked::violation)
          .sorted(BY_OBJECT)
          .toList();
    }
  }

  private final Map<Check, OfCheck> byCheck = new EnumMap<>(Check.class);
  private final int maxListed;
  private final int maxBytes;

  private Violations(int maxListed, int maxBytes) {
    this.maxListed = maxListed;
    this.maxBytes = maxBytes;
  }

  /// Lists what a status has room for.
  static Violations sampled() {
    return new Violations(MAX_LISTED, MAX_BYTES);
  }

  /// Lists all violations.
  static Violations complete() {
    return new Violations(Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /// Adds a violation by a cluster-scoped object. Its message starts with the object's name, as a
  /// workload's does, so that a list of messages alone says which object each is about.
  void add(String kind, String name, Finding finding) {
    add(
        kind,
        null,
        name,
        Finding.of(
            finding.check(),
            finding.expected(),
            finding.actual(),
            name + ": " + finding.message()));
  }

  void add(String kind, String namespace, String name, Finding finding) {
    byCheck
        .computeIfAbsent(finding.check(), check -> new OfCheck(maxListed))
        .add(
            namespace == null ? name : namespace,
            new Violation(
                finding.check().name(),
                finding.check().severity().name(),
                kind,
                namespace,
                name,
                finding.expected(),
                finding.actual(),
                finding.message()));
  }

  int count() {
    return byCheck.values().stream().mapToInt(violations -> violations.count).sum();
  }

  /// The number of violations, in total and of each severity.
  String summary() {
    return ViolationSummary.of(counts());
  }

  /// The number of violations of each check that has any, sorted by the name of the check; null if
  /// there is none, as an empty object becomes null on its way to the API server.
  Map<String, Integer> byCheck() {
    if (byCheck.isEmpty()) {
      return null;
    }
    var counts = new TreeMap<String, Integer>();
    counts().forEach((check, count) -> counts.put(check.name(), count));
    return counts;
  }

  private Map<Check, Integer> counts() {
    var counts = new EnumMap<Check, Integer>(Check.class);
    byCheck.forEach((check, violations) -> counts.put(check, violations.count));
    return counts;
  }

  /// The sample, sorted by severity, check, namespace, kind and name; smaller if its texts are
  /// long.
  List<Violation> listed() {
    int most = maxListed;
    var sample = sample(most);
    while (maxBytes < Integer.MAX_VALUE && bytes(sample) > maxBytes) {
      most = Math.min(most, sample.size()) * 3 / 4;
      sample = sample(most);
    }
    return sample;
  }

  private static int bytes(List<Violation> sample) {
    try {
      return JSON.writeValueAsString(sample).getBytes(StandardCharsets.UTF_8).length;
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e); // cannot happen for records of texts
    }
  }

  private List<Violation> sample(int most) {
    var checks =
        byCheck.keySet().stream()
            .sorted(comparing(Check::severity).thenComparing(Check::name))
            .toList();
    var places = new EnumMap<Check, Integer>(Check.class);
    int free = Math.min(most, count());
    while (free > 0) {
      for (var check : checks) {
        if (free > 0 && places.getOrDefault(check, 0) < byCheck.get(check).count) {
          places.merge(check, 1, Integer::sum);
          free--;
        }
      }
    }
    return checks.stream()
        .flatMap(check -> byCheck.get(check).first(places.getOrDefault(check, 0)).stream())
        .map(Violations::printable)
        .toList();
  }

  private static Violation printable(Violation violation) {
    return new Violation(
        violation.check(),
        violation.severity(),
        violation.kind(),
        violation.namespace(),
        violation.name(),
        DisplayText.truncate(violation.expected(), 256),
        DisplayText.truncate(violation.actual(), 256),
        DisplayText.truncate(violation.message(), 1024));
  }
}
