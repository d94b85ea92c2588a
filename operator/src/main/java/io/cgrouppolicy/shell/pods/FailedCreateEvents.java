package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.failedcreate.FailedCreate;
import io.cgrouppolicy.core.failedcreate.FailedCreateLog;
import io.cgrouppolicy.shell.cluster.WatchGuard;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/// Watches events that controllers emit when the API server rejects an object. Separate from
/// `ClusterCache` because a missing permission on events must not stop the protection of
/// namespaces: the operator then merely misses rejections.
///
/// Each reason has a watch of its own, because a field selector has no "or", and one by `reason!=`
/// would bring almost every event of the cluster. The API server has no watch cache for events and
/// decodes each one again for each watch, so the caller starts a watch only when it is needed.
@ApplicationScoped
public class FailedCreateEvents {
  /// Of ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs.
  static final String PODS = "FailedCreate";

  /// Of Deployments. Only a quota on `count/replicasets.apps` can be the policy's cause.
  static final String REPLICA_SETS = "ReplicaSetCreateError";

  /// Page size of the first list.
  private static final long PAGE = 500;

  private final KubernetesClient client;
  private final WatchGuard watchGuard;
  private final Map<String, WatchGuard.Watches> guards = new ConcurrentHashMap<>();

  public FailedCreateEvents(KubernetesClient client, WatchGuard guard) {
    this.client = client;
    this.watchGuard = guard;
  }

  /// Does nothing if the reason is watched already. Does not wait for the first list.
  ///
  /// @param viewChanged called when the result of [#trouble()] may have changed
  void start(String reason, ResourceEventHandler<Event> handler, Runnable viewChanged) {
    guards.computeIfAbsent(
        reason,
        same -> {
          var watches = watchGuard.watches("events are");
          watches.start(List.of(WatchGuard.Watched.by(informer(reason, handler))), viewChanged);
          return watches;
        });
  }

  private SharedIndexInformer<Event> informer(String reason, ResourceEventHandler<Event> handler) {
    var events =
        client
            .v1()
            .events()
            .inAnyNamespace()
            .withField("reason", reason)
            .withLimit(PAGE)
            .runnableInformer(0);
    events.removeNamespaceIndex(); // it would keep the keys of events that the store drops
    events.itemStore(new Store());
    events.addEventHandler(handler);
    return events;
  }

  public void stop() {
    guards.values().forEach(WatchGuard.Watches::stop);
  }

  /// Why the operator cannot see rejections, or null.
  public Trouble trouble() {
    return guards.isEmpty()
        ? new Trouble("CacheNotSynced", "events are not watched yet")
        : guards.values().stream()
            .map(WatchGuard.Watches::trouble)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
  }

  /// Keeps only the metadata of events about a rejection by a quota or a LimitRange. Bounded: the
  /// operator forgets an event beyond the bound by its age, not by its deletion.
  private static final class Store extends BasicItemStore<Event> {
    Store() {
      super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public boolean isFullState() {
      return false;
    }

    @Override
    public Event put(String key, Event event) {
      if (FailedCreate.parse(event.getMessage()).isEmpty()
          || get(key) == null && size() >= FailedCreateLog.MAX_ENTRIES) {
        return remove(key);
      }
      var metadata =
          event
              .getMetadata()
              .edit()
              .withAnnotations(null)
              .withLabels(null)
              .withManagedFields(List.of())
              .build();
      var kept = new Event();
      kept.setMetadata(metadata);
      return super.put(key, kept);
    }
  }
}
