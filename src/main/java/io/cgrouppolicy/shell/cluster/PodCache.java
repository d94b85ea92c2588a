package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.pods.PodFacts;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import org.jboss.logging.Logger;

/// What the operator knows of pods that have not ended: one watch on all namespaces, of which
/// little is kept. It starts with the first policy that is about pods, and then stays. Apart from
/// [ClusterCache], as a missing permission on pods must keep no namespace from being protected and
/// no node from being judged.
@ApplicationScoped
public class PodCache {
  private static final Logger LOG = Logger.getLogger(PodCache.class);

  /// Pods in one answer of the first list. A pod is some 10 KB of JSON and more as an object, until
  /// its facts are taken.
  private static final long PAGE = 500;

  /// Who is told of changes. Must not block.
  public interface Listener {
    /// @param before the pod before a change in what counts, or null
    /// @param after the pod after it, or null when it is gone or has ended
    void podChanged(PodFacts before, PodFacts after);

    /// What keeps the operator from seeing the pods has come, gone or become something else.
    void podViewChanged();
  }

  private final KubernetesClient client;
  private final ClusterCache cluster;
  private final PodIndex index = new PodIndex();
  private volatile SharedIndexInformer<Pod> informer;
  private final WatchGuard watchGuard;
  private volatile WatchGuard.Watches guard;
  private volatile PodStore store;
  private volatile boolean failed;

  PodCache(KubernetesClient client, ClusterCache cluster, WatchGuard guard, MeterRegistry metrics) {
    this.client = client;
    this.watchGuard = guard;
    this.cluster = cluster;
    Gauge.builder("cgroup_policy_watched_pods", index, PodIndex::size)
        .description("Pods that have not ended, of all namespaces, as far as the watch has got")
        .register(metrics);
    Gauge.builder("cgroup_policy_watched_pod_shapes", this, PodCache::shapes)
        .description("How many different pods they are in what they declare")
        .register(metrics);
  }

  private double shapes() {
    var kept = store;
    return kept == null ? 0 : kept.shapes();
  }

  /// Starts the watch, unless it was started before, and does not wait for the first list. One that
  /// is refused is tried again for ever and shows in [#trouble()].
  ///
  /// @return whether it was not started before
  public synchronized boolean start(Listener listener) {
    if (informer != null) {
      return false;
    }
    store = new PodStore(index, listener::podChanged);
    var watched =
        client
            .pods()
            .inAnyNamespace()
            .withoutField("status.phase", "Succeeded")
            .withoutField("status.phase", "Failed")
            .withLimit(PAGE)
            .runnableInformer(0);
    watched.removeNamespaceIndex();
    watched.itemStore(store);
    watched.exceptionHandler(
        (started, failure) -> {
          failed = true;
          return guard.failed(watched, failure);
        });
    guard = watchGuard.guard(List.of(WatchGuard.Watched.by(watched)), listener::podViewChanged);
    informer = watched;
    cluster.alsoWatches("pods", watched::isRunning);
    watched
        .start()
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                LOG.debugf("the first list of pods failed: %s", failure.getMessage());
              }
            });
    guard.start();
    return true;
  }

  void stop(@Observes ShutdownEvent event) {
    if (guard != null) {
      guard.stop();
      informer.stop();
    }
  }

  /// Whether a first list was complete. Nothing may be concluded before: an empty cache would look
  /// like an empty cluster.
  public boolean synced() {
    var watched = informer;
    return watched != null && watched.hasSynced();
  }

  /// What keeps the operator from seeing the pods, or null. That the first list is under way is no
  /// trouble: see [#synced()].
  public Trouble trouble() {
    var watching = guard;
    return watching == null || !synced() && !failed ? null : watching.trouble();
  }

  public List<PodFacts> inNamespace(String namespace) {
    return index.inNamespace(namespace);
  }

  /// Those that are bound to the node.
  public List<PodFacts> onNode(String node) {
    return index.onNode(node);
  }
}
