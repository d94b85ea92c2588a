package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.check.Trouble;
import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// The operator's view of the nodes: the primary cache of the node controller. Separate from
/// [ClusterCache] because a missing permission on nodes must not stop the protection of namespaces.
@ApplicationScoped
public class NodeCache {
  private final WatchGuard watchGuard;
  private volatile IndexerResourceCache<Node> nodes;
  private volatile WatchGuard.Watches guard;

  NodeCache(WatchGuard guard) {
    this.watchGuard = guard;
  }

  /// @param viewChanged called when the result of [#trouble()] may have changed
  public void start(IndexerResourceCache<Node> nodes, Runnable viewChanged) {
    this.nodes = nodes;
    guard = watchGuard.guard(List.of(WatchGuard.primary(Node.class, nodes)), viewChanged);
    guard.start();
  }

  public void stop() {
    if (guard != null) {
      guard.stop();
    }
  }

  public Collection<Node> nodes() {
    var cache = nodes;
    return cache == null ? List.of() : cache.list().toList();
  }

  public Optional<Node> node(String name) {
    var cache = nodes;
    return cache == null ? Optional.empty() : cache.get(new ResourceID(name));
  }

  /// Why the operator cannot see the nodes, or null.
  public Trouble trouble() {
    var watching = guard;
    return watching == null
        ? new Trouble("CacheNotSynced", "nodes are not watched yet")
        : watching.trouble();
  }
}
