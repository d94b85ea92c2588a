package io.cgrouppolicy.shell.node;

import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;

/// Of a node's updates, those matter that change which policy is about it, whether and where its
/// kubelet can be asked, or what it would answer. Heartbeats and images do not.
public class NodeChanged implements OnUpdateFilter<Node> {
  @Override
  public boolean accept(Node after, Node before) {
    return before == null || !NodeState.of(after).equals(NodeState.of(before));
  }
}
