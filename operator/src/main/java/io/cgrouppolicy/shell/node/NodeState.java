package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import java.util.List;
import java.util.Optional;

/// The parts of a Node that matter to us.
///
/// @param bootId changes when the machine restarts, and with it the kubelet
/// @param port of the kubelet, or 0 if unknown
record NodeState(NodeFacts facts, String bootId, List<NodeAddress> addresses, int port) {
  static NodeState of(Node node) {
    var status = Optional.ofNullable(node.getStatus());
    return new NodeState(
        NodeFacts.of(node),
        status.map(s -> s.getNodeInfo()).map(i -> i.getBootID()).orElse(""),
        status.map(s -> s.getAddresses()).orElse(List.of()),
        status
            .map(s -> s.getDaemonEndpoints())
            .map(d -> d.getKubeletEndpoint())
            .map(e -> e.getPort())
            .orElse(0));
  }

  /// Whether the kubelet would give the same answer in both states. Ignores labels and capacity.
  boolean sameKubelet(NodeState other) {
    return bootId.equals(other.bootId)
        && addresses.equals(other.addresses)
        && port == other.port
        && facts.ready() == other.facts.ready()
        && facts.updating() == other.facts.updating()
        && facts.kubeletVersion().equals(other.facts.kubeletVersion());
  }
}
