package io.cgrouppolicy.shell.node;

import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;

/// Passes the updates of a node that change which policies select it, whether and where its kubelet
/// can be asked, or what the kubelet would answer. Drops heartbeats and images.
public class NodeChanged implements OnUpdateFilter<Node> {
  @Override
  public boolean accept(Node after, Node before) {
    return before == null || !NodeState.of(after).equals(NodeState.of(before));
  }
}
