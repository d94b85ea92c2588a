package io.cgrouppolicy.core.kubelet.pressure;

import java.util.List;

/// What matters of a kubelet's `/stats/summary`.
///
/// @param cpusInUse the node's use of CPU in the last seconds, in CPUs; NaN where it is not told
/// @param cpu of the whole node, as are the other two
public record NodeSummary(double cpusInUse, Psi cpu, Psi memory, Psi io, List<PodSummary> pods) {
  /// Reads the body of an answer to `/stats/summary`: a part that is absent is untold, one of
  /// another shape is an error.
  ///
  /// @throws SummaryException where it is not JSON, or not a summary
  public static NodeSummary parse(byte[] body) throws SummaryException {
    return SummaryParser.parse(body);
  }

  /// Whether the kernel counts stalls at all. Some task has waited for a CPU since boot on every
  /// machine.
  public boolean counted() {
    return cpu.counted() || memory.counted() || io.counted();
  }
}
