package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.core.kubelet.pressure.PressureJudge.Circumstances;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What may be behind a node's pressure, as far as it is known. Sorted by what is told, and then by
/// name, so that the same is told while nothing changes.
final class Causes {
  private static final int MOST = 3;

  /// With that share of its CPUs in use or more, a node is short of them.
  private static final double BUSY = 90;

  /// With less than that share in use, there is CPU to be had.
  private static final double IDLE = 70;

  private final NodeSummary node;
  private final Circumstances circumstances;
  private final ReportedFigures told;

  /// @param figure as told
  private record Ranked(String pod, double figure) {
    static final Comparator<Ranked> ORDER =
        Comparator.comparingDouble(Ranked::figure).reversed().thenComparing(Ranked::pod);
  }

  Causes(NodeSummary node, Circumstances circumstances, ReportedFigures told) {
    this.node = node;
    this.circumstances = circumstances;
    this.told = told;
  }

  /// @param kind by which pods are compared
  List<String> of(Resource resource, Stall kind) {
    var causes = new ArrayList<String>();
    if (resource == Resource.MEMORY) {
      uncapped().ifPresent(causes::add);
    }
    worst(resource, kind).ifPresent(causes::add);
    if (resource == Resource.CPU) {
      causes.add(throttling());
    }
    return causes;
  }

  private Optional<String> uncapped() {
    if (circumstances.limits() == null) {
      return Optional.empty();
    }
    var uncapped = circumstances.limits().withoutMemoryLimit();
    if (uncapped.isEmpty()) {
      return Optional.of("all pods have memory limits");
    }
    var usage = new HashMap<String, Long>();
    node.pods().forEach(pod -> usage.put(pod.name(), pod.workingSet()));
    var largest =
        uncapped.stream()
            .filter(pod -> usage.getOrDefault(pod, -1L) >= 0)
            .map(pod -> new Ranked(pod, told.bytes("memory of " + pod, usage.get(pod))))
            .min(Ranked.ORDER)
            .map(pod -> pod.pod() + " at " + Bytes.show(pod.figure()));
    boolean one = uncapped.size() == 1;
    return Optional.of(
        uncapped.size()
            + (one ? " pod" : " pods")
            + " without a memory limit"
            + largest.map(pod -> (one ? ", " : ", largest ") + pod).orElse(""));
  }

  /// The pods that are stalled themselves, by the node's own measure: some time in the last minute,
  /// and in the last 10 s still.
  private Optional<String> worst(Resource resource, Stall kind) {
    var worst =
        node.pods().stream()
            .filter(pod -> resource.of(pod).avg60(kind) > 0.5 && resource.of(pod).avg10(kind) > 0)
            .map(pod -> ranked(resource, kind, pod))
            .filter(pod -> pod.figure() >= 1)
            .sorted(Ranked.ORDER)
            .limit(MOST)
            .toList();
    if (worst.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        worst.stream()
            .map(
                pod -> pod.pod() + " (" + Math.round(pod.figure()) + " %" + cpuLimit(resource, pod))
            .collect(
                Collectors.joining(
                    "), ", (worst.size() == 1 ? "most stalled pod " : "most stalled pods "), ")")));
  }

  private Ranked ranked(Resource resource, Stall kind, PodSummary pod) {
    return new Ranked(
        pod.name(),
        told.percent(resource + " " + kind + " of " + pod.name(), resource.of(pod).avg60(kind)));
  }

  /// A pod without a CPU limit is not throttled: when it waits, the node has nothing for it.
  private String cpuLimit(Resource resource, Ranked pod) {
    if (resource != Resource.CPU || circumstances.limits() == null) {
      return "";
    }
    return circumstances.limits().withCpuLimit().contains(pod.pod())
        ? ", has a CPU limit"
        : ", no CPU limit";
  }

  /// PSI counts a task that waits for its cgroup's quota like one that waits for a processor. What
  /// tells them apart is whether there are processors to be had.
  private String throttling() {
    double percent = 100 * node.cpusInUse() / circumstances.cpus();
    if (Double.isNaN(percent) || Double.isInfinite(percent)) {
      return "throttling by CPU limits counts too, and cannot be told apart here";
    }
    double busy = told.percent("cpus in use", Math.min(percent, 100));
    var inUse = Math.round(busy) + " % of the node's CPUs are in use";
    if (busy >= BUSY) {
      return inUse + ": it is short of CPU";
    }
    return busy < IDLE
        ? inUse + ", which points to throttling by CPU limits and not to a lack of CPU"
        : inUse + ": throttling by CPU limits and a lack of CPU cannot be told apart";
  }
}
