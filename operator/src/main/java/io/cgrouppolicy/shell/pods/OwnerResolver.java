package io.cgrouppolicy.shell.pods;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cgrouppolicy.core.pods.Controllers;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Workload;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// Resolves the topmost controller of a pod: the owner of its ReplicaSet or Job. Looks it up on
/// demand, on its own thread and rate limited, and caches the result. Until then, and if the lookup
/// fails, the direct controller stands in for it.
@ApplicationScoped
public class OwnerResolver {
  private static final Logger LOG = Logger.getLogger(OwnerResolver.class);
  private static final int PER_SECOND = 50;
  private static final int MAX_CACHED = 50_000;

  /// Owners do not change, but a Deployment's surge can.
  private static final Duration TTL = Duration.ofMinutes(15);

  /// How long a cached entry counts as current for a controller that may have no pods.
  private static final Duration CONTROLLER_TTL = Duration.ofSeconds(15);

  static final Duration RETRY_DELAY = Duration.ofMinutes(1);

  /// The workload of a pod, as far as it is known.
  ///
  /// @param settled whether no lookup is outstanding
  /// @param due whether the lookup is due
  public record Owner(Workload workload, boolean settled, boolean due) {
    private static Owner certain(Workload workload) {
      return new Owner(workload, true, false);
    }
  }

  /// @param workload null if the lookup failed
  /// @param template of the pods that the direct controller lacks, or null
  /// @param expires when the next lookup is due
  /// @param idle whether the direct controller no longer exists or is scaled to zero
  private record CachedOwner(
      Workload workload, PodShape template, Instant lookedUp, Instant expires, boolean idle) {}

  /// Reads from the API server: see [OwnerReader].
  interface Lookup {
    Optional<OwnerReader.Found> read(String namespace, Controller controller);
  }

  private final Lookup reader;
  private final InstantSource clock;

  /// By the uid of the direct controller.
  private final Cache<String, CachedOwner> cache =
      Caffeine.newBuilder().maximumSize(MAX_CACHED).executor(Runnable::run).build();

  /// The uids of the direct controllers that wait for a lookup.
  private final Set<String> requested = ConcurrentHashMap.newKeySet();

  /// When to review a namespace again after a failed lookup.
  private final Map<String, Instant> retries = new ConcurrentHashMap<>();

  /// Until when a kind is not looked up, because the API server denied it. For the worker only.
  private final Map<String, Instant> deniedUntil = new HashMap<>();

  private final ScheduledExecutorService worker =
      new ScheduledThreadPoolExecutor(
          1,
          Thread.ofPlatform().name("owner-resolver").daemon().factory(),
          new ThreadPoolExecutor.DiscardPolicy()); // of requests during a stop
  private volatile Consumer<String> resolved = namespace -> {};

  @Inject
  OwnerResolver(KubernetesClient client, InstantSource clock) {
    this(new OwnerReader(client)::read, clock);
  }

  OwnerResolver(Lookup reader, InstantSource clock) {
    this.reader = reader;
    this.clock = clock;
  }

  /// @param resolved receives a namespace in which an owner was resolved, or its lookup is due
  ///     again
  void start(Consumer<String> resolved) {
    this.resolved = resolved;
    worker.scheduleWithFixedDelay(this::retry, 1, 1, TimeUnit.SECONDS);
  }

  /// The cached owner of a pod, or its direct controller. Does not trigger a lookup.
  public Owner of(PodFacts pod) {
    var controller = pod.controller();
    if (controller == null || pod.mirror()) {
      return Owner.certain(Workload.of(pod));
    }
    return of(controller);
  }

  private Owner of(Controller controller) {
    if (!Controllers.isOwned(controller)) {
      return Owner.certain(Controllers.direct(controller));
    }
    var entry = cache.getIfPresent(controller.uid());
    if (entry == null) {
      return new Owner(Controllers.direct(controller), false, true);
    }
    boolean due = !clock.instant().isBefore(entry.expires());
    return entry.workload() == null
        ? new Owner(Controllers.direct(controller), !due, due)
        : new Owner(entry.workload(), true, due);
  }

  /// The cached owner of a controller that may have no pods, without uid until it is looked up; or
  /// empty if the controller is gone or scaled to zero. No watch reports that, so this method
  /// triggers a lookup every [#CONTROLLER_TTL]. Does not block.
  public Optional<Workload> ofController(String namespace, Controller controller) {
    if (Controllers.isOwned(controller)) {
      var entry = cache.getIfPresent(controller.uid());
      if (entry == null || !clock.instant().isBefore(entry.lookedUp().plus(CONTROLLER_TTL))) {
        request(namespace, controller);
      }
      if (entry != null && entry.idle()) {
        return Optional.empty();
      }
    }
    var owner = of(controller);
    var workload = owner.workload();
    return Optional.of(
        owner.settled()
            ? workload
            : new Workload(workload.kind(), workload.name(), workload.surge()));
  }

  /// The template of the pods that a controller lacked when it was last looked up, or null.
  PodShape template(String uid) {
    var entry = cache.getIfPresent(uid);
    return entry == null ? null : entry.template();
  }

  private void request(String namespace, Controller controller) {
    if (requested.add(controller.uid())) {
      worker.execute(() -> work(namespace, controller));
    }
  }

  /// Triggers a lookup of the owner, unless it is cached or a lookup is pending. Does not block.
  public void lookUp(PodFacts pod) {
    if (of(pod).due()) {
      request(pod.namespace(), pod.controller());
    }
  }

  private void work(String namespace, Controller controller) {
    try {
      resolve(namespace, controller);
      retry(); // also while many lookups are queued
      TimeUnit.MILLISECONDS.sleep(1000 / PER_SECOND); // the rate limit
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped
    } finally {
      requested.remove(controller.uid());
    }
  }

  /// Reports the namespaces whose retry is due.
  private void retry() {
    retries.forEach(
        (namespace, due) -> {
          if (!clock.instant().isBefore(due)) {
            retries.remove(namespace);
            resolved.accept(namespace);
          }
        });
  }

  private void resolve(String namespace, Controller controller) {
    Workload found = null;
    PodShape template = null;
    boolean idle = false;
    try {
      if (!isDenied(controller.kind())) {
        var read = reader.read(namespace, controller).orElse(null);
        found = read == null ? null : read.workload();
        template = read == null ? null : read.template();
        idle = read == null || !read.active();
      }
    } catch (KubernetesClientException e) {
      failed(controller, e);
    } catch (RuntimeException e) {
      LOG.errorf(e, "failed to look up the owner of %s %s", controller.kind(), controller.name());
    }
    var now = clock.instant();
    var before = cache.getIfPresent(controller.uid());
    if (found == null && before != null) {
      found = before.workload(); // a stale owner is better than none
    }
    var ttl = found == null ? RETRY_DELAY : TTL;
    cache.put(controller.uid(), new CachedOwner(found, template, now, now.plus(ttl), idle));
    if (found == null) {
      retries.putIfAbsent(namespace, now.plus(RETRY_DELAY));
    }
    if (before == null
        || idle != before.idle()
        || found != null && !found.equals(before.workload())) {
      resolved.accept(namespace);
    }
  }

  private boolean isDenied(String kind) {
    var until = deniedUntil.get(kind);
    return until != null && clock.instant().isBefore(until);
  }

  private void failed(Controller controller, KubernetesClientException e) {
    if (e.getCode() == 403) {
      deniedUntil.put(controller.kind(), clock.instant().plus(RETRY_DELAY));
    }
    LOG.warnf(
        "cannot look up the owner of %s %s, so findings name the controller itself: %s",
        controller.kind(), controller.name(), e.getMessage());
  }

  void stop(@Observes ShutdownEvent event) {
    worker.shutdownNow();
  }
}
