package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.report.NodePicture;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.PodCache;
import io.fabric8.kubernetes.api.model.Node;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/// The nodes as the operator sees them now.
@ApplicationScoped
public class NodePictures {
  private final NodeCache nodes;
  private final NodeRegistry registry;
  private final PodCache pods;

  NodePictures(NodeCache nodes, NodeRegistry registry, PodCache pods) {
    this.nodes = nodes;
    this.registry = registry;
    this.pods = pods;
  }

  public List<NodePicture> all() {
    return nodes.nodes().stream().map(this::picture).toList();
  }

  private NodePicture picture(Node node) {
    var facts = NodeFacts.of(node);
    return NodePicture.of(
        facts,
        registry.configuration(facts.name()).orElse(null),
        pods.synced() ? pods.onNode(facts.name()) : null);
  }
}
