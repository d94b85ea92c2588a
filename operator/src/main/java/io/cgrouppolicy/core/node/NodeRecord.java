package io.cgrouppolicy.core.node;

import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.cgrouppolicy.core.pods.NeighbourVerdict;
import java.util.Map;

/// The verdicts on one node, each by policy.
///
/// @param verdicts on its kubelet's configuration
/// @param pressure on its pressure
/// @param neighbours on the pods that run on it
public record NodeRecord(
    Map<String, NodeVerdict> verdicts,
    Map<String, PressureVerdict> pressure,
    Map<String, NeighbourVerdict> neighbours) {
  public static final NodeRecord NONE = new NodeRecord(Map.of(), Map.of(), Map.of());

  public NodeRecord with(NodeMemory memory) {
    return new NodeRecord(memory.verdicts(), memory.pressure(), neighbours);
  }

  public NodeRecord withNeighbours(Map<String, NeighbourVerdict> neighbours) {
    return new NodeRecord(verdicts, pressure, neighbours);
  }
}
