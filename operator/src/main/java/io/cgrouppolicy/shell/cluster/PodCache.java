package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.pods.PodFacts;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/// Caches the facts of running and pending pods from one watch on all namespaces. The watch starts
/// with the first policy that needs pods and never stops. Separate from [ClusterCache] because a
/// missing permission on pods must not stop the protection of namespaces or the review of nodes.
@ApplicationScoped
public class PodCache {
  /// Page size of the first list. Until its facts are extracted, a pod takes about 10 KB as JSON
  /// and more as an object.
  private static final long PAGE = 500;

  /// Receives changes. Must not block.
  public interface Listener {
    /// Called when the facts of a pod changed.
    ///
    /// @param before the old facts, or null for a new pod
    /// @param after the new facts, or null when the pod was deleted or has ended
    void podChanged(PodFacts before, PodFacts after);

    /// Called when the result of [#trouble()] may have changed.
    void podViewChanged();
  }

  private final KubernetesClient client;
  private final PodIndex index = new PodIndex();
  private final PodStore store =
      new PodStore(index, (before, after) -> this.listener.podChanged(before, after));
  private volatile Listener listener;
  private final WatchGuard.Watches watches;

  PodCache(KubernetesClient client, WatchGuard guard, MeterRegistry metrics) {
    this.client = client;
    this.watches = guard.watches("pods are");
    Gauge.builder("cgroup_policy_watched_pods", index, PodIndex::size)
        .description("Pods in all namespaces that have not ended, as seen by the watch")
        .register(metrics);
    Gauge.builder("cgroup_policy_watched_pod_shapes", store, PodStore::shapes)
        .description("Distinct pod shapes among the watched pods; a shape is what a pod declares")
        .register(metrics);
  }

  /// Starts the watch if it is not running yet, without waiting for the first list. A rejected list
  /// is retried forever and shows in [#trouble()]. Only the watch on policies calls this.
  ///
  /// @return false if the watch had been started before
  public boolean start(Listener listener) {
    if (watches.started()) {
      return false;
    }
    this.listener = listener;
    var informer =
        client
            .pods()
            .inAnyNamespace()
            .withoutField("status.phase", "Succeeded")
            .withoutField("status.phase", "Failed")
            .withLimit(PAGE)
            .runnableInformer(0);
    informer.removeNamespaceIndex();
    informer.itemStore(store);
    watches.start(List.of(WatchGuard.Watched.by(informer)), listener::podViewChanged);
    return true;
  }

  /// Whether the first list is complete. Callers must not draw conclusions before that: an empty
  /// cache looks like an empty cluster.
  public boolean synced() {
    return watches.synced();
  }

  /// Why the operator cannot see the pods, or null. A first list in progress does not count: see
  /// [#synced()].
  public Trouble trouble() {
    if (!watches.started()) {
      return null;
    }
    return synced() ? watches.trouble() : watches.listFailure("pods");
  }

  public List<PodFacts> inNamespace(String namespace) {
    return index.inNamespace(namespace);
  }

  /// The pods bound to a node.
  public List<PodFacts> onNode(String node) {
    return index.onNode(node);
  }
}
