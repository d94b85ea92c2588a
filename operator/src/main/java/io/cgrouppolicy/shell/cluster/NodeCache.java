package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.PolicyBook.Selection;
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
  private final WatchGuard.Watches watches;
  private final Selections<Node> selections;
  private volatile IndexerResourceCache<Node> nodes;

  NodeCache(ClusterCache cluster, WatchGuard guard) {
    this.selections =
        new Selections<>(node -> cluster.book().selectNode(node.getMetadata().getLabels()));
    this.watches = guard.watches("nodes are");
  }

  /// @param viewChanged called when the result of [#trouble()] may have changed
  public void start(IndexerResourceCache<Node> nodes, Runnable viewChanged) {
    this.nodes = nodes;
    watches.start(List.of(WatchGuard.Watched.primary(Node.class, nodes)), viewChanged);
  }

  public void stop() {
    watches.stop();
  }

  /// A node was created or changed.
  public void nodeChanged(Node node) {
    selections.put(node);
  }

  public void nodeGone(String name) {
    selections.remove(name);
  }

  /// A policy changed.
  ///
  /// @return the nodes whose selection changed
  public Collection<String> policyChanged() {
    return selections.putAll(this::nodes);
  }

  /// The policies that select a node.
  public Selection selection(String name) {
    return selections.of(name);
  }

  /// The nodes whose verdicts count for a policy, in any order.
  public List<String> judgedBy(String policy) {
    return selections.judgedBy(policy);
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
    return watches.trouble();
  }
}
