package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.core.kubelet.MalformedAnswerException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The parts of a kubelet's `/stats/summary` that we use.
///
/// @param cpusInUse CPUs that the node used in the last seconds; NaN if unknown
/// @param availableMemory percent of the node's memory, or of what the cgroup of all pods may use
///     if that is less; NaN if unknown
/// @param cpu of the whole node, like memory and io
public record NodeSummary(
    double cpusInUse, double availableMemory, Psi cpu, Psi memory, Psi io, List<PodSummary> pods) {
  /// Every field but the node is optional; a field of another type is an error.
  ///
  /// @throws MalformedAnswerException if the body is not JSON, or not a summary
  public static NodeSummary parse(byte[] body) throws MalformedAnswerException {
    return SummaryParser.parse(body);
  }

  /// Whether the kernel records stalls at all. On every machine, some task has waited for a CPU
  /// since boot.
  public boolean counted() {
    return cpu.counted() || memory.counted() || io.counted();
  }

  /// Memory in use by each pod, in bytes, by NAMESPACE/NAME.
  public Map<String, Long> workingSets() {
    return pods.stream()
        .filter(pod -> pod.workingSet() >= 0)
        .collect(Collectors.toMap(PodSummary::name, PodSummary::workingSet, Math::max));
  }
}
