package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.WorkloadFinding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Aggregates the findings on the pods of one namespace: one finding per workload and check, and
/// the number of pods that violate each set of checks. Not thread-safe.
public final class WorkloadFindings {
  /// The order of findings in a verdict.
  static final Comparator<WorkloadFinding> ORDER =
      Comparator.comparing((WorkloadFinding f) -> f.finding().check())
          .thenComparing(WorkloadFinding::kind)
          .thenComparing(WorkloadFinding::name)
          .thenComparing(f -> f.finding().message());

  /// The most distinct texts in a message, because messages must fit into a status.
  private static final int MAX_TEXTS = 3;

  private static final Comparator<PodFinding> BY_TEXT =
      Comparator.comparing(PodFinding::text)
          .thenComparing(PodFinding::expected)
          .thenComparing(PodFinding::actual);

  private record Key(String kind, String name) {}

  /// The findings of one check on the pods of one workload.
  private static final class Group {
    private final Set<PodFinding> podFindings = new HashSet<>();
    private int pods;
    private PodFacts last;
    private Workload workload;

    void add(PodFacts pod, Workload workload, PodFinding podFinding) {
      this.workload = workload;
      if (last != pod) { // a pod may violate one check twice
        last = pod;
        pods++;
      }
      podFindings.add(podFinding);
    }
  }

  private final Map<Key, Map<Check, Group>> workloads = new HashMap<>();
  private final Map<Set<Check>, Integer> podsByChecks = new HashMap<>();

  /// Adds the findings on one pod. Call once per pod.
  public void add(PodFacts pod, Workload workload, List<PodFinding> podFindings) {
    if (podFindings.isEmpty()) {
      return;
    }
    var groups =
        workloads.computeIfAbsent(
            new Key(workload.kind(), workload.name()), key -> new EnumMap<>(Check.class));
    var checks = EnumSet.noneOf(Check.class);
    for (var podFinding : podFindings) {
      groups
          .computeIfAbsent(podFinding.check(), check -> new Group())
          .add(pod, workload, podFinding);
      checks.add(podFinding.check());
    }
    podsByChecks.merge(checks, 1, Integer::sum);
  }

  /// The number of pods by the exact set of checks that they violate; excludes pods without
  /// violations.
  public Map<Set<Check>, Integer> podsByChecks() {
    return Map.copyOf(podsByChecks);
  }

  /// The findings, sorted by check, kind and name.
  public List<WorkloadFinding> findings() {
    var all = new ArrayList<WorkloadFinding>();
    workloads.forEach(
        (key, groups) ->
            groups.forEach((check, group) -> all.add(group.workload.finding(finding(key, group)))));
    all.sort(ORDER);
    return all;
  }

  private static Finding finding(Key key, Group group) {
    var podFindings = group.podFindings.stream().sorted(BY_TEXT).toList();
    var first = podFindings.getFirst();
    return Finding.of(
        first.check(), first.expected(), first.actual(), message(key, group, podFindings));
  }

  private static String message(Key key, Group group, List<PodFinding> podFindings) {
    var subject = group.last.namespace() + "/" + key.name() + ": ";
    if (group.last.mirror()) {
      subject += "static pod, which bypasses admission; ";
    } else if (!key.kind().equals("Pod")) {
      subject += group.pods + (group.pods == 1 ? " pod, " : " pods, ");
    }
    var texts = podFindings.stream().map(PodFinding::text).distinct().toList();
    var shown =
        texts.size() <= MAX_TEXTS
            ? texts
            : Stream.concat(
                    texts.stream().limit(MAX_TEXTS),
                    Stream.of(texts.size() - MAX_TEXTS + " more like these"))
                .toList();
    var advice =
        podFindings.stream().map(PodFinding::advice).filter(Objects::nonNull).distinct().sorted();
    return subject + Stream.concat(shown.stream(), advice).collect(Collectors.joining("; "));
  }
}
