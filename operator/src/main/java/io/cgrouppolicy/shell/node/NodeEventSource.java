package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.util.Set;
import java.util.function.Consumer;

/// Wakes the nodes that a policy judges, or used to judge, when the policy changes. Reports deleted
/// nodes.
final class NodeEventSource extends AbstractEventSource<Void, Node>
    implements ClusterCache.PolicyListener, ResourceEventAware<Node> {
  private final ClusterCache cluster;
  private final NodeCache cache;
  private final NodeRegistry registry;
  private final IndexerResourceCache<Node> nodes;
  private final PolicyWaker waker;
  private final Consumer<String> gone;

  /// @param gone takes the name of a deleted node
  NodeEventSource(
      ClusterCache cluster,
      NodeCache cache,
      NodeRegistry registry,
      IndexerResourceCache<Node> nodes,
      PolicyWaker waker,
      Consumer<String> gone) {
    super(Void.class, "policies");
    this.cluster = cluster;
    this.cache = cache;
    this.registry = registry;
    this.nodes = nodes;
    this.waker = waker;
    this.gone = gone;
  }

  @Override
  public void start() {
    super.start();
    cluster.addListener(this);
    cache.start(nodes, () -> cluster.book().policies().forEach(p -> waker.wake(p.name())));
  }

  @Override
  public void stop() {
    super.stop();
    cache.stop();
  }

  private void wake(String node) {
    if (isRunning()) {
      getEventHandler().handleEvent(new Event(new ResourceID(node)));
    }
  }

  /// An `onDeleteFilter` would see secondary resources only.
  @Override
  public void onResourceDeleted(Node node) {
    gone.accept(node.getMetadata().getName());
  }

  @Override
  public void policyChanged(CompiledPolicy before, CompiledPolicy after) {
    nodes
        .list()
        .forEach(
            node -> {
              var name = node.getMetadata().getName();
              var labels = node.getMetadata().getLabels();
              if (before != null && (before.selectsNode(labels) || !before.valid())
                  || after != null && after.selectsNode(labels)
                  || registry.isJudgedBy(name, (after == null ? before : after).name())) {
                wake(name);
              }
            });
  }

  @Override
  public Set<Void> getSecondaryResources(Node primary) {
    return Set.of();
  }
}
