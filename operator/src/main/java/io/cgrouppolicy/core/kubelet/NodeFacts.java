package io.cgrouppolicy.core.kubelet;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeSystemInfo;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/// The parts of a Node object that decisions depend on. Absent strings are "".
///
/// @param allocatable what pods may request; empty if the node does not report it
/// @param updating whether the Machine Config Operator is about to change the node
/// @param exemption why the node cannot be judged, or null
public record NodeFacts(
    String name,
    String kubeletVersion,
    String containerRuntimeVersion,
    boolean ready,
    boolean updating,
    Map<String, Quantity> capacity,
    Map<String, Quantity> allocatable,
    Map<String, String> labels,
    Exemption exemption) {

  /// The facts of a node that does not report what is allocatable.
  public NodeFacts(
      String name,
      String kubeletVersion,
      String containerRuntimeVersion,
      boolean ready,
      boolean updating,
      Map<String, Quantity> capacity,
      Map<String, String> labels,
      Exemption exemption) {
    this(
        name,
        kubeletVersion,
        containerRuntimeVersion,
        ready,
        updating,
        capacity,
        Map.of(),
        labels,
        exemption);
  }

  /// The annotations with which the Machine Config Operator moves a node to another configuration;
  /// caches of nodes must keep them.
  public static final String CURRENT_CONFIG = "machineconfiguration.openshift.io/currentConfig";

  public static final String DESIRED_CONFIG = "machineconfiguration.openshift.io/desiredConfig";

  private static final Comparator<Quantity> BY_AMOUNT =
      Comparator.comparing(Quantity::getAmountInBytes);

  public static NodeFacts of(Node node) {
    var metadata = node.getMetadata();
    var status = node.getStatus() == null ? new NodeStatus() : node.getStatus();
    var info = status.getNodeInfo() == null ? new NodeSystemInfo() : status.getNodeInfo();
    var annotations =
        metadata.getAnnotations() == null ? Map.<String, String>of() : metadata.getAnnotations();
    var current = annotations.get(CURRENT_CONFIG);
    return new NodeFacts(
        metadata.getName(),
        orEmpty(info.getKubeletVersion()),
        orEmpty(info.getContainerRuntimeVersion()),
        status.getConditions() != null
            && status.getConditions().stream()
                .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus())),
        current != null && !current.equals(annotations.get(DESIRED_CONFIG)),
        status.getCapacity() == null ? Map.of() : Map.copyOf(status.getCapacity()),
        status.getAllocatable() == null ? Map.of() : Map.copyOf(status.getAllocatable()),
        metadata.getLabels() == null ? Map.of() : Map.copyOf(metadata.getLabels()),
        Exemption.of(node).orElse(null));
  }

  /// Whether its pods share a machine, so that one can take it down for the others.
  public boolean isMachine() {
    return exemption == null || exemption.hasMachine();
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  /// Why this node's kubelet cannot give a meaningful answer, so that it need not be asked; empty
  /// if it can.
  public <T> Optional<Unusable<T>> obstacle() {
    if (exemption != null) {
      return Optional.of(
          new Unusable<>(Check.KubeletConfigUnavailable, exemption.name(), exemption.message()));
    }
    if (!ready) {
      return Optional.of(
          new Unusable<>(Check.KubeletUnreachable, "NodeNotReady", "the node is not Ready"));
    }
    if (updating) {
      return Optional.of(
          new Unusable<>(
              Check.KubeletConfigUnavailable,
              "NodeUpdating",
              "the Machine Config Operator is updating the node"));
    }
    return Optional.empty();
  }

  /// The obstacle, or else the answer.
  public <T> Answer<T> obstacleOr(Answer<T> answer) {
    Optional<Answer<T>> obstacle = this.<T>obstacle().map(unusable -> unusable);
    return obstacle.orElse(answer);
  }

  /// The smallest capacity of each resource across all nodes; empty without nodes.
  public static Optional<Map<String, Quantity>> smallestCapacity(Collection<NodeFacts> nodes) {
    return capacity(nodes, BinaryOperator.minBy(BY_AMOUNT));
  }

  /// The largest capacity of each resource across all nodes; empty without nodes.
  public static Optional<Map<String, Quantity>> largestCapacity(Collection<NodeFacts> nodes) {
    return capacity(nodes, BinaryOperator.maxBy(BY_AMOUNT));
  }

  private static Optional<Map<String, Quantity>> capacity(
      Collection<NodeFacts> nodes, BinaryOperator<Quantity> choice) {
    var chosen = new TreeMap<String, Quantity>();
    for (var node : nodes) {
      node.capacity().forEach((resource, amount) -> chosen.merge(resource, amount, choice));
    }
    return nodes.isEmpty() ? Optional.empty() : Optional.of(chosen);
  }
}
