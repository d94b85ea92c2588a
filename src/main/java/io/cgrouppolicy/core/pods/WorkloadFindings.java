package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Check.Area;
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

/// Brings the remarks on the pods of one namespace together: one finding for each workload and
/// check, and how many pods violate what. For one thread.
public final class WorkloadFindings {
  /// In which a verdict lists its findings.
  static final Comparator<WorkloadFinding> ORDER =
      Comparator.comparing((WorkloadFinding f) -> f.finding().check())
          .thenComparing(WorkloadFinding::kind)
          .thenComparing(WorkloadFinding::name)
          .thenComparing(f -> f.finding().message());

  /// How many different texts a message has, as it has to fit into a status.
  private static final int MOST = 3;

  private static final Comparator<PodRemark> BY_TEXT =
      Comparator.comparing(PodRemark::text)
          .thenComparing(PodRemark::expected)
          .thenComparing(PodRemark::actual);

  private record Key(String kind, String name) {}

  /// What one check finds in the pods of one workload.
  private static final class Group {
    private final Set<PodRemark> remarks = new HashSet<>();
    private int pods;
    private PodFacts last;

    void add(PodFacts pod, PodRemark remark) {
      if (last != pod) { // a pod may have two remarks of one check
        last = pod;
        pods++;
      }
      remarks.add(remark);
    }
  }

  private final Map<Key, Map<Check, Group>> workloads = new HashMap<>();
  private final Map<Set<Check>, Integer> podsByChecks = new HashMap<>();

  /// The remarks on one pod; once for each pod.
  public void add(PodFacts pod, Workload workload, List<PodRemark> remarks) {
    if (remarks.isEmpty()) {
      return;
    }
    var groups =
        workloads.computeIfAbsent(
            new Key(workload.kind(), workload.name()), key -> new EnumMap<>(Check.class));
    var checks = EnumSet.noneOf(Check.class);
    for (var remark : remarks) {
      groups.computeIfAbsent(remark.check(), check -> new Group()).add(pod, remark);
      if (remark.check().area() == Area.WORKLOADS) {
        checks.add(remark.check());
      }
    }
    if (!checks.isEmpty()) {
      podsByChecks.merge(checks, 1, Integer::sum);
    }
  }

  /// How many pods violate exactly these checks of area WORKLOADS; without those that violate none.
  public Map<Set<Check>, Integer> podsByChecks() {
    return Map.copyOf(podsByChecks);
  }

  /// The findings, sorted by check, kind and name.
  public List<WorkloadFinding> findings() {
    var all = new ArrayList<WorkloadFinding>();
    workloads.forEach(
        (key, groups) ->
            groups.forEach(
                (check, group) ->
                    all.add(new WorkloadFinding(key.kind(), key.name(), finding(key, group)))));
    all.sort(ORDER);
    return all;
  }

  private static Finding finding(Key key, Group group) {
    var remarks = group.remarks.stream().sorted(BY_TEXT).toList();
    var first = remarks.getFirst();
    return Finding.of(
        first.check(), first.expected(), first.actual(), message(key, group, remarks));
  }

  private static String message(Key key, Group group, List<PodRemark> remarks) {
    var subject = group.last.namespace() + "/" + key.name() + ": ";
    if (group.last.mirror()) {
      subject += "static pod, which no admission sees; ";
    } else if (!key.kind().equals("Pod")) {
      subject += group.pods + (group.pods == 1 ? " pod, " : " pods, ");
    }
    var texts = remarks.stream().map(PodRemark::text).distinct().toList();
    var told =
        texts.size() <= MOST
            ? texts
            : Stream.concat(
                    texts.stream().limit(MOST), Stream.of(texts.size() - MOST + " more such"))
                .toList();
    var advice =
        remarks.stream().map(PodRemark::advice).filter(Objects::nonNull).distinct().sorted();
    return subject + Stream.concat(told.stream(), advice).collect(Collectors.joining("; "));
  }
}
