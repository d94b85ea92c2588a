package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.failedcreate.FailedCreate;
import io.cgrouppolicy.core.failedcreate.FailedCreateLog;
import io.cgrouppolicy.shell.cluster.WatchGuard;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/// Watches events with reason `FailedCreate`, which controllers emit when the API server rejects a
/// pod. Separate from `ClusterCache` because a missing permission on events must not stop the
/// protection of namespaces: the operator then merely misses rejections.
@ApplicationScoped
public class FailedCreateEvents {
  static final String REASON = "FailedCreate";

  /// Page size of the first list.
  private static final long PAGE = 500;

  private final KubernetesClient client;
  private final WatchGuard watchGuard;
  private volatile WatchGuard.Watches guard;

  public FailedCreateEvents(KubernetesClient client, WatchGuard guard) {
    this.client = client;
    this.watchGuard = guard;
  }

  /// Does not wait for the first list.
  ///
  /// @param viewChanged called when the result of [#trouble()] may have changed
  public void start(ResourceEventHandler<Event> handler, Runnable viewChanged) {
    var events =
        client
            .v1()
            .events()
            .inAnyNamespace()
            .withField("reason", REASON)
            .withLimit(PAGE)
            .runnableInformer(0);
    events.removeNamespaceIndex(); // it would keep the keys of events that the store drops
    events.itemStore(new Store());
    events.addEventHandler(handler);
    guard = watchGuard.guard(List.of(WatchGuard.Watched.by(events)), viewChanged);
    guard.start();
  }

  public void stop() {
    if (guard != null) {
      guard.stop();
    }
  }

  /// Why the operator cannot see rejections, or null.
  public Trouble trouble() {
    var watching = guard;
    return watching == null
        ? new Trouble("CacheNotSynced", "events are not watched yet")
        : watching.trouble();
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
