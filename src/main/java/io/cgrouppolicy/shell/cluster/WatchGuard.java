package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.check.Trouble;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/// Finds out why the cluster cannot be seen. A list that is rejected reports it; a watch that is
/// rejected when it reconnects (after a restart of the API server, for example) is retried for ever
/// by the client without a word, while the cache grows old. So where a watch is not running, the
// API
/// server is asked whether the operator may list and watch.
///
/// One timer serves the watches of all caches.
@ApplicationScoped
public class WatchGuard {
  private static final Logger LOG = Logger.getLogger(WatchGuard.class);
  private static final int PERIOD_SECONDS = 2;

  /// One watch.
  ///
  /// @param synced whether a first list was complete
  /// @param watching whether changes arrive
  public record Watched(
      String group, String plural, BooleanSupplier synced, BooleanSupplier watching) {
    /// The watch of an informer.
    public static Watched by(SharedIndexInformer<?> informer) {
      var type = informer.getApiTypeClass();
      return new Watched(
          HasMetadata.getGroup(type) == null ? "" : HasMetadata.getGroup(type),
          HasMetadata.getPlural(type),
          informer::hasSynced,
          informer::isWatching);
    }
  }

  /// The watch behind a controller's primary cache.
  static <T extends HasMetadata> Watched primary(Class<T> type, IndexerResourceCache<T> cache) {
    var source = (InformerWrappingEventSourceHealthIndicator<?>) cache;
    return new Watched(
        HasMetadata.getGroup(type) == null ? "" : HasMetadata.getGroup(type),
        HasMetadata.getPlural(type),
        () ->
            source.informerHealthIndicators().values().stream()
                .allMatch(InformerHealthIndicator::hasSynced),
        () ->
            source.informerHealthIndicators().values().stream()
                .allMatch(InformerHealthIndicator::isWatching));
  }

  private final KubernetesClient client;
  private final List<Watches> guarded = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("watch-guard").daemon().factory());

  public WatchGuard(KubernetesClient client) {
    this.client = SingleAttempt.once(client); // and again with the next round
    timer.scheduleWithFixedDelay(
        () -> guarded.forEach(Watches::check), PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  /// The watches of one cache.
  ///
  /// @param changed called when the answer of [Watches#trouble()] may have changed
  public Watches guard(List<Watched> watches, Runnable changed) {
    return new Watches(watches, changed);
  }

  void stop(@Observes ShutdownEvent event) {
    stop();
  }

  /// Ends the timer.
  public void stop() {
    timer.shutdownNow();
  }

  /// The watches of one cache.
  public final class Watches {
    private final List<Watched> watches;
    private final Runnable changed;
    private volatile boolean stopped;

    /// What is known against a resource, by plural.
    private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();

    private final List<Gauge> gauges = new CopyOnWriteArrayList<>();

    private Watches(List<Watched> watches, Runnable changed) {
      this.watches = watches;
      this.changed = changed;
    }

    /// Shows each watch in the metrics, too.
    public void start() {
      for (var watch : watches) {
        gauges.add(
            Gauge.builder(
                    "cgroup_policy_watch_up", watch.watching(), up -> up.getAsBoolean() ? 1 : 0)
                .description("1 while changes of the resource arrive, 0 while its watch is down")
                .tag("resource", watch.plural())
                .strongReference(true)
                .register(Metrics.globalRegistry));
      }
      guarded.add(this);
    }

    public void stop() {
      stopped = true;
      guarded.remove(this);
      gauges.forEach(Metrics.globalRegistry::remove);
    }

    /// Notes that an informer's list or watch failed, for as long as nothing better is known.
    ///
    /// @return whether the informer is to try again: for ever, as a permission can come back
    public boolean failed(SharedIndexInformer<?> informer, Throwable failure) {
      if (stopped || timer.isShutdown()) {
        return false;
      }
      var plural = HasMetadata.getPlural(informer.getApiTypeClass());
      var message = String.valueOf(failure.getMessage());
      var reason = message.contains("forbidden") ? "Forbidden" : "CacheNotSynced";
      if (troubles.putIfAbsent(plural, new Trouble(reason, message)) == null) {
        LOG.warnf("%s are not watched: %s", plural, message);
        changed.run();
      }
      return true;
    }

    /// What keeps the operator from seeing the cluster, or null.
    public Trouble trouble() {
      for (var watch : watches) {
        var known = troubles.get(watch.plural());
        if (!watch.synced().getAsBoolean()) {
          return known != null
              ? known
              : new Trouble("CacheNotSynced", watch.plural() + " are not listed yet");
        }
        if (known != null
            && known.reason().equals("Forbidden")
            && !watch.watching().getAsBoolean()) {
          return known;
        }
      }
      return null;
    }

    /// Asks about each watch that is not running.
    synchronized void check() {
      for (var watch : watches) {
        try {
          var trouble = watch.watching().getAsBoolean() ? null : refusal(watch);
          if (trouble == null) {
            settled(watch);
          } else if (!trouble.equals(troubles.put(watch.plural(), trouble))) {
            LOG.warnf("%s are not watched: %s", watch.plural(), trouble.message());
            changed.run();
          }
        } catch (KubernetesClientException e) {
          LOG.debugf("why %s are not watched is not known: %s", watch.plural(), e.getMessage());
          if (!SingleAttempt.answered(e)) {
            return; // no answer: there will be none about the others
          }
        } catch (RuntimeException e) { // which would end the timer, unseen
          if (stopped || timer.isShutdown()) {
            return; // the client is closed
          }
          LOG.errorf(e, "looking after the watch on %s", watch.plural());
        }
      }
    }

    private void settled(Watched watch) {
      var known = troubles.get(watch.plural());
      if (known != null
          && (known.reason().equals("Forbidden") || watch.watching().getAsBoolean())) {
        troubles.remove(watch.plural());
        LOG.infof("%s may be watched again", watch.plural());
        changed.run();
      }
    }

    /// What is not permitted, or null where all is.
    private Trouble refusal(Watched watch) {
      for (var verb : List.of("list", "watch")) {
        if (!allowed(watch, verb)) {
          return new Trouble(
              "Forbidden",
              "cannot %s resource \"%s\" in API group \"%s\" at the cluster scope"
                  .formatted(verb, watch.plural(), watch.group()));
        }
      }
      return null;
    }

    private boolean allowed(Watched watch, String verb) {
      var review =
          client
              .resource(
                  new SelfSubjectAccessReviewBuilder()
                      .withNewSpec()
                      .withNewResourceAttributes()
                      .withGroup(watch.group())
                      .withResource(watch.plural())
                      .withVerb(verb)
                      .endResourceAttributes()
                      .endSpec()
                      .build())
              .create();
      return review.getStatus() == null || !Boolean.FALSE.equals(review.getStatus().getAllowed());
    }
  }
}
