package io.cgrouppolicy.controller.node;

import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnDeleteFilter;
import jakarta.enterprise.inject.spi.CDI;

/// Learns that a node is gone: see [io.cgrouppolicy.controller.namespace.NamespaceChanged].
public class NodeDeleted implements OnDeleteFilter<Node> {
  @Override
  public boolean accept(Node node, Boolean finalStateUnknown) {
    CDI.current().select(NodeReconciler.class).get().forget(node.getMetadata().getName());
    return true;
  }
}
