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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Starts watches and finds out why one is down. A rejected list reports an error, but when a watch
/// is rejected on reconnect (for example after a restart of the API server), the client retries
/// forever without an error while the cache goes stale. So for each watch that is not running, a
/// SelfSubjectAccessReview checks whether the operator may list and watch.
///
/// One timer serves the watches of all caches.
@ApplicationScoped
public class WatchGuard {
  private static final Logger LOG = Logger.getLogger(WatchGuard.class);
  private static final int PERIOD_SECONDS = 2;

  /// One watch.
  ///
  /// @param synced whether the first list is complete
  /// @param watching whether changes arrive
  /// @param running false when it has ended permanently
  /// @param informer the informer to start; null if the SDK starts it
  public record Watched(
      String group,
      String plural,
      BooleanSupplier synced,
      BooleanSupplier watching,
      BooleanSupplier running,
      SharedIndexInformer<?> informer) {
    private Watched(
        Class<?> type,
        BooleanSupplier synced,
        BooleanSupplier watching,
        BooleanSupplier running,
        SharedIndexInformer<?> informer) {
      this(
          Objects.requireNonNullElse(HasMetadata.getGroup(type), ""),
          HasMetadata.getPlural(type),
          synced,
          watching,
          running,
          informer);
    }

    /// The watch of an informer.
    public static Watched by(SharedIndexInformer<?> informer) {
      return new Watched(
          informer.getApiTypeClass(),
          informer::hasSynced,
          informer::isWatching,
          informer::isRunning,
          informer);
    }

    /// The watch behind a controller's primary cache.
    static <T extends HasMetadata> Watched primary(Class<T> type, IndexerResourceCache<T> cache) {
      var source = (InformerWrappingEventSourceHealthIndicator<?>) cache;
      return new Watched(
          type,
          () -> indicators(source).allMatch(InformerHealthIndicator::hasSynced),
          () -> indicators(source).allMatch(InformerHealthIndicator::isWatching),
          () -> indicators(source).allMatch(InformerHealthIndicator::isRunning),
          null);
    }

    private static Stream<InformerHealthIndicator> indicators(
        InformerWrappingEventSourceHealthIndicator<?> source) {
      return source.informerHealthIndicators().values().stream();
    }
  }

  private final KubernetesClient client;
  private final List<Watches> guarded = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("watch-guard").daemon().factory());

  public WatchGuard(KubernetesClient client) {
    this.client = SingleAttempt.once(client); // the timer retries
    timer.scheduleWithFixedDelay(
        () -> guarded.forEach(Watches::check), PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  /// The watches of one cache; none until [Watches#start].
  ///
  /// @param what the subject of a message about them, such as `nodes are`
  public Watches watches(String what) {
    return new Watches(what);
  }

  /// The plural kinds whose watch has ended permanently.
  public List<String> ended() {
    return guarded.stream()
        .flatMap(watches -> watches.watches.stream())
        .filter(watch -> !watch.running().getAsBoolean())
        .map(Watched::plural)
        .toList();
  }

  void stop(@Observes ShutdownEvent event) {
    stop();
  }

  /// Stops the timer and all watches.
  public void stop() {
    timer.shutdownNow();
    guarded.forEach(Watches::stop);
  }

  /// Whether all watches on a resource are up: events have several.
  private boolean up(String plural) {
    return guarded.stream()
        .flatMap(watches -> watches.watches.stream())
        .filter(watch -> watch.plural().equals(plural))
        .allMatch(watch -> watch.watching().getAsBoolean());
  }

  /// The watches of one cache.
  public final class Watches {
    private final String what;
    private volatile List<Watched> watches = List.of();
    private volatile Runnable changed = () -> {};
    private volatile boolean stopped;

    /// Why a resource cannot be watched, by its plural.
    private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();

    private Watches(String what) {
      this.what = what;
    }

    public boolean started() {
      return !watches.isEmpty();
    }

    /// Whether the first lists are complete.
    public boolean synced() {
      return started() && watches.stream().allMatch(watch -> watch.synced().getAsBoolean());
    }

    /// Starts the informers and the checks, and registers a gauge for each resource.
    ///
    /// @param changed called when the result of [#trouble()] may have changed
    /// @return completes with each first list. A rejected list is retried forever and shows in
    ///     [#trouble()]
    public List<CompletableFuture<Void>> start(List<Watched> watched, Runnable changed) {
      this.changed = changed;
      watches = watched;
      for (var watch : watches) {
        Gauge.builder("cgroup_policy_watch_up", () -> up(watch.plural()) ? 1 : 0)
            .description("1 while changes of the resource arrive, 0 while its watch is down")
            .tag("resource", watch.plural())
            .strongReference(true)
            .register(Metrics.globalRegistry);
      }
      var lists =
          watches.stream()
              .filter(watch -> watch.informer() != null)
              .map(
                  watch -> {
                    watch.informer().exceptionHandler((started, e) -> failed(watch.plural(), e));
                    return watch.informer().start().toCompletableFuture();
                  })
              .toList();
      guarded.add(this);
      return lists;
    }

    public void stop() {
      stopped = true;
      guarded.remove(this);
      watches.stream()
          .map(Watched::informer)
          .filter(Objects::nonNull)
          .forEach(SharedIndexInformer::stop);
    }

    private boolean stopped() {
      return stopped || timer.isShutdown();
    }

    /// Records that an informer's list or watch failed, unless a better reason is already known.
    ///
    /// @return whether the informer must retry: always, because a permission can be granted later,
    ///     except during shutdown
    private boolean failed(String plural, Throwable failure) {
      if (stopped()) {
        return false;
      }
      var message = String.valueOf(failure.getMessage());
      var reason = message.contains("forbidden") ? "Forbidden" : "CacheNotSynced";
      if (troubles.putIfAbsent(plural, new Trouble(reason, message)) == null) {
        LOG.warnf("%s are not watched: %s", plural, message);
        changed.run();
      }
      return true;
    }

    /// Why the first list of a resource has failed so far, or null.
    public Trouble listFailure(String plural) {
      return troubles.get(plural);
    }

    /// Why the operator cannot see the cluster, or null.
    public Trouble trouble() {
      if (!started()) {
        return new Trouble("CacheNotSynced", what + " not watched yet");
      }
      for (var watch : watches) {
        var recorded = troubles.get(watch.plural());
        if (!watch.synced().getAsBoolean()) {
          return recorded != null
              ? recorded
              : new Trouble("CacheNotSynced", watch.plural() + " are not listed yet");
        }
        if (recorded != null
            && recorded.reason().equals("Forbidden")
            && !watch.watching().getAsBoolean()) {
          return recorded;
        }
      }
      return null;
    }

    /// Looks for the reason of each watch that is not running.
    synchronized void check() {
      for (var watch : watches) {
        try {
          var trouble = watch.watching().getAsBoolean() ? null : missingPermission(watch);
          if (trouble == null) {
            recovered(watch);
          } else if (!trouble.equals(troubles.put(watch.plural(), trouble))) {
            LOG.warnf("%s are not watched: %s", watch.plural(), trouble.message());
            changed.run();
          }
        } catch (KubernetesClientException e) {
          LOG.debugf("cannot find out why %s are not watched: %s", watch.plural(), e.getMessage());
          if (!SingleAttempt.answered(e)) {
            return; // the API server does not respond: skip the rest of this round
          }
        } catch (RuntimeException e) { // would silently end the timer
          if (stopped()) {
            return; // the client is closed
          }
          LOG.errorf(e, "failed to check the watch on %s", watch.plural());
        }
      }
    }

    private void recovered(Watched watch) {
      var recorded = troubles.get(watch.plural());
      if (recorded != null
          && (recorded.reason().equals("Forbidden") || watch.watching().getAsBoolean())) {
        troubles.remove(watch.plural());
        LOG.infof("%s can be watched again", watch.plural());
        changed.run();
      }
    }

    /// The missing permission, or null.
    private Trouble missingPermission(Watched watch) {
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
