package io.cgrouppolicy.core.node;

import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.cgrouppolicy.core.pods.NeighbourVerdict;
import java.util.Map;

/// The operator's state for one node.
///
/// @param memory of the latest decision
/// @param neighbours the verdicts on the pods that run on it, by policy
public record NodeRecord(NodeMemory memory, Map<String, NeighbourVerdict> neighbours) {
  public static final NodeRecord NONE = new NodeRecord(NodeMemory.EMPTY, Map.of());

  /// The verdicts on its kubelet's configuration, by policy.
  public Map<String, NodeVerdict> verdicts() {
    return memory.verdicts();
  }

  /// The verdicts on its pressure, by policy.
  public Map<String, PressureVerdict> pressure() {
    return memory.pressure();
  }

  /// Whether the usage of the node's pods became known or unknown.
  public boolean differsInUsage(NodeRecord before) {
    return !pressure().keySet().equals(before.pressure().keySet())
        || (memory.pressureFailure() == null) != (before.memory.pressureFailure() == null);
  }

  public NodeRecord with(NodeMemory memory) {
    return new NodeRecord(memory, neighbours);
  }

  public NodeRecord withNeighbours(Map<String, NeighbourVerdict> neighbours) {
    return new NodeRecord(memory, neighbours);
  }
}
