package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.core.check.NameList;
import io.cgrouppolicy.core.kubelet.pressure.PressureJudge.Circumstances;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Likely causes of a node's pressure. Sorted by reported figure and then by name, so that the text
/// stays the same while the reported figures do.
record Causes(NodeSummary node, Circumstances circumstances, ReportedFigures reported) {
  private static final int MAX_PODS = 3;

  /// Percent of CPUs in use from which a node is short of CPU.
  private static final double BUSY = 90;

  /// Percent of memory available below which a node is short of memory.
  private static final double SHORT = 10;

  /// Percent of memory available from which a node has memory to spare.
  private static final double SPARE = 25;

  /// Percent of CPUs in use below which a node has CPU to spare.
  private static final double IDLE = 70;

  /// @param figure as reported
  private record Ranked(String pod, double figure) {
    static final Comparator<Ranked> ORDER =
        Comparator.comparingDouble(Ranked::figure).reversed().thenComparing(Ranked::pod);
  }

  /// @param kind to compare pods by
  List<String> of(Resource resource, Stall kind) {
    var causes = new ArrayList<String>();
    if (resource == Resource.MEMORY && !(available() >= SPARE)) {
      uncapped().ifPresent(causes::add);
    }
    worst(resource, kind).ifPresent(causes::add);
    switch (resource) {
      case CPU -> causes.add(throttling());
      case MEMORY -> reclaim().ifPresent(causes::add);
      case IO -> {}
    }
    return causes;
  }

  /// PSI counts a task that waits for reclaim at its own cgroup's limit like one on a node that is
  /// short of memory. Available memory distinguishes the two: the kernel reclaims nothing from
  /// others as long as the node has some to spare.
  private Optional<String> reclaim() {
    double available = available();
    if (Double.isNaN(available)) {
      return Optional.empty();
    }
    var text = Math.round(available) + " % of the node's memory is available";
    if (available < SHORT) {
      return Optional.of(text + ": it is short of memory");
    }
    if (node.pods().stream().allMatch(pod -> Float.isNaN(pod.limitInUse()))) {
      return Optional.of(text + ", and no pod has a memory limit of its own");
    }
    return Optional.of(
        available >= SPARE
            ? text + ", which points to pods at their own memory limits and not to a lack of memory"
            : text + ": pods at their own limits and a lack of memory cannot be distinguished");
  }

  private double available() {
    return Double.isNaN(node.availableMemory())
        ? Double.NaN
        : reported.percent("available memory", node.availableMemory());
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
            .map(pod -> new Ranked(pod, reported.bytes("memory of " + pod, usage.get(pod))))
            .min(Ranked.ORDER)
            .map(pod -> pod.pod() + " at " + Bytes.show(pod.figure()));
    boolean one = uncapped.size() == 1;
    return Optional.of(
        uncapped.size()
            + (one ? " pod" : " pods")
            + " without a memory limit"
            + largest
                .map(pod -> (one ? ", " : ", largest ") + pod)
                .orElseGet(() -> ": " + NameList.of(uncapped)));
  }

  /// The pods that stall most, by the same measure as the node: during the last minute, and still
  /// during the last 10 s.
  private Optional<String> worst(Resource resource, Stall kind) {
    var worst =
        node.pods().stream()
            .filter(pod -> resource.of(pod).avg60(kind) > 0.5 && resource.of(pod).avg10(kind) > 0)
            .map(pod -> ranked(resource, kind, pod))
            .filter(pod -> pod.figure() >= 1)
            .sorted(Ranked.ORDER)
            .limit(MAX_PODS)
            .toList();
    if (worst.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        worst.stream()
            .map(pod -> pod.pod() + " (" + Math.round(pod.figure()) + " %" + limit(resource, pod))
            .collect(
                Collectors.joining(
                    "), ", (worst.size() == 1 ? "most stalled pod " : "most stalled pods "), ")")));
  }

  private Ranked ranked(Resource resource, Stall kind, PodSummary pod) {
    return new Ranked(
        pod.name(),
        reported.percent(
            resource + " " + kind + " of " + pod.name(), resource.of(pod).avg60(kind)));
  }

  private String limit(Resource resource, Ranked pod) {
    return resource == Resource.MEMORY ? memoryLimit(pod) : cpuLimit(resource, pod);
  }

  private String memoryLimit(Ranked ranked) {
    return node.pods().stream()
        .filter(pod -> pod.name().equals(ranked.pod()) && !Float.isNaN(pod.limitInUse()))
        .findFirst()
        .map(pod -> reported.percent("memory limit of " + pod.name(), pod.limitInUse()))
        .map(percent -> ", at " + Math.round(percent) + " % of its memory limit")
        .orElse("");
  }

  /// A pod without a CPU limit is never throttled: if it waits, the node is short of CPU.
  private String cpuLimit(Resource resource, Ranked pod) {
    if (resource != Resource.CPU || circumstances.limits() == null) {
      return "";
    }
    return circumstances.limits().withCpuLimit().contains(pod.pod())
        ? ", has a CPU limit"
        : ", no CPU limit";
  }

  /// PSI counts a task that its cgroup's quota throttles like one that waits for a processor. Idle
  /// processors distinguish the two.
  private String throttling() {
    var limits = circumstances.limits();
    boolean known = limits != null || node.pods().isEmpty();
    boolean limited = limits != null && !limits.withCpuLimit().isEmpty();
    double percent = 100 * node.cpusInUse() / circumstances.cpus();
    if (Double.isNaN(percent) || Double.isInfinite(percent)) {
      return known && !limited
          ? "no pod has a CPU limit"
          : "throttling by CPU limits counts too, and cannot be distinguished here";
    }
    double busy = reported.percent("cpus in use", Math.min(percent, 100));
    var inUse = Math.round(busy) + " % of the node's CPUs are in use";
    if (busy >= BUSY) {
      return inUse + ": it is short of CPU";
    }
    if (!limited) {
      return inUse
          + (known
              ? ", and no pod has a CPU limit"
              : ": whether CPU limits throttle its pods is not known");
    }
    return busy < IDLE
        ? inUse + ", which points to throttling by CPU limits and not to a lack of CPU"
        : inUse + ": throttling by CPU limits and a lack of CPU cannot be distinguished";
  }
}
