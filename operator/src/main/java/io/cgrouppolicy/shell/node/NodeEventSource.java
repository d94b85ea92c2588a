package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.Objects;
import java.util.function.Consumer;

/// Wakes the nodes that other policies select after a policy changed. Reports deleted nodes.
final class NodeEventSource extends SimpleInboundEventSource<Node>
    implements ClusterCache.PolicyListener, ResourceEventAware<Node> {
  private final ClusterCache cluster;
  private final NodeCache cache;
  private final IndexerResourceCache<Node> nodes;
  private final PolicyWaker waker;
  private final Consumer<String> gone;

  /// @param gone takes the name of a deleted node
  NodeEventSource(
      ClusterCache cluster,
      NodeCache cache,
      IndexerResourceCache<Node> nodes,
      PolicyWaker waker,
      Consumer<String> gone) {
    super("policies");
    this.cluster = cluster;
    this.cache = cache;
    this.nodes = nodes;
    this.waker = waker;
    this.gone = gone;
  }

  @Override
  public void start() {
    super.start();
    cluster.addListener(this);
    cache.start(nodes, waker::wakeAll);
    policyChanged(null, null); // policies can have come before the listener
  }

  @Override
  public void stop() {
    super.stop();
    cache.stop();
  }

  /// The SDK calls this for all events of nodes, before its filters and before it reconciles.
  @Override
  public void onResourceCreated(Node node) {
    cache.nodeChanged(node);
  }

  @Override
  public void onResourceUpdated(Node node, Node before) {
    if (before == null
        || !Objects.equals(node.getMetadata().getLabels(), before.getMetadata().getLabels())) {
      cache.nodeChanged(node);
    }
  }

  @Override
  public void onResourceDeleted(Node node) {
    var name = node.getMetadata().getName();
    cache.nodeGone(name);
    gone.accept(name);
  }

  @Override
  public void policyChanged(CompiledPolicy before, CompiledPolicy after) {
    cache.policyChanged().forEach(node -> propagateEvent(new ResourceID(node)));
  }
}
