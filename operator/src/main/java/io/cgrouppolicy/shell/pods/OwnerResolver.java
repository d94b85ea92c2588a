package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.shell.cluster.LruCache;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  /// @param expires when the next lookup is due
  /// @param idle whether the direct controller no longer exists or is scaled to zero
  private record CachedOwner(Workload workload, Instant lookedUp, Instant expires, boolean idle) {}

  private record Request(String namespace, Controller controller) {}

  /// Reads from the API server: see [OwnerReader].
  interface Lookup {
    Optional<OwnerReader.Found> read(String namespace, Controller controller);
  }

  private final Lookup reader;
  private final InstantSource clock;

  /// By the uid of the direct controller.
  private final Map<String, CachedOwner> cache = new LruCache<>(MAX_CACHED);

  /// By the uid of the direct controller, in order of arrival. No larger than the number of direct
  /// controllers.
  private final Map<String, Request> requests = new LinkedHashMap<>();

  /// When to review a namespace again after a failed lookup.
  private final Map<String, Instant> retries = new HashMap<>();

  /// Until when a kind is not looked up, because the API server denied it.
  private final Map<String, Instant> deniedUntil = new HashMap<>();

  private volatile Consumer<String> resolved = namespace -> {};
  private Thread worker;

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
  synchronized void start(Consumer<String> resolved) {
    if (worker == null) {
      this.resolved = resolved;
      worker = Thread.ofPlatform().name("owner-resolver").daemon().start(this::work);
    }
  }

  /// The cached owner of a pod, or its direct controller. Does not trigger a lookup.
  public Owner of(PodFacts pod) {
    var controller = pod.controller();
    if (controller == null || pod.mirror()) {
      return Owner.certain(new Workload("Pod", pod.name(), null));
    }
    return of(controller);
  }

  private Owner of(Controller controller) {
    if (!OwnerReader.isOwned(controller)) {
      return Owner.certain(OwnerReader.direct(controller));
    }
    synchronized (this) {
      var entry = cache.get(controller.uid());
      if (entry == null) {
        return new Owner(OwnerReader.direct(controller), false, true);
      }
      boolean due = !clock.instant().isBefore(entry.expires());
      return entry.workload() == null
          ? new Owner(OwnerReader.direct(controller), !due, due)
          : new Owner(entry.workload(), true, due);
    }
  }

  /// The cached owner of a controller that may have no pods, or empty if the controller is gone or
  /// scaled to zero. No watch reports that, so this method triggers a lookup every
  /// [#CONTROLLER_TTL]. Does not block.
  public Optional<Workload> ofController(String namespace, Controller controller) {
    if (OwnerReader.isOwned(controller)) {
      synchronized (this) {
        var entry = cache.get(controller.uid());
        if (entry == null || !clock.instant().isBefore(entry.lookedUp().plus(CONTROLLER_TTL))) {
          request(namespace, controller);
        }
        if (entry != null && entry.idle()) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(of(controller).workload());
  }

  private void request(String namespace, Controller controller) {
    requests.putIfAbsent(controller.uid(), new Request(namespace, controller));
    notifyAll();
  }

  /// Triggers a lookup of the owner, unless it is cached or a lookup is pending. Does not block.
  public void lookUp(PodFacts pod) {
    var controller = pod.controller();
    if (controller == null || pod.mirror() || !OwnerReader.isOwned(controller)) {
      return;
    }
    synchronized (this) {
      var entry = cache.get(controller.uid());
      if (entry == null || !clock.instant().isBefore(entry.expires())) {
        request(pod.namespace(), controller);
      }
    }
  }

  private void work() {
    try {
      while (true) {
        var request = next();
        if (request != null) {
          resolve(request);
          TimeUnit.MILLISECONDS.sleep(1000 / PER_SECOND); // the rate limit
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("stopped");
    }
  }

  /// The next request, or null if none arrives within a second. Also reports the namespaces whose
  /// retry is due.
  private Request next() throws InterruptedException {
    List<String> dueAgain;
    Request request = null;
    synchronized (this) {
      if (requests.isEmpty()) {
        wait(Duration.ofSeconds(1).toMillis());
      }
      var now = clock.instant();
      dueAgain =
          retries.entrySet().stream()
              .filter(e -> !now.isBefore(e.getValue()))
              .map(Map.Entry::getKey)
              .toList();
      dueAgain.forEach(retries::remove);
      var first = requests.entrySet().iterator();
      if (first.hasNext()) {
        request = first.next().getValue();
      }
    }
    dueAgain.forEach(resolved);
    return request;
  }

  private void resolve(Request request) {
    var controller = request.controller();
    Workload found = null;
    boolean idle = false;
    try {
      if (!isDenied(controller.kind())) {
        var read = reader.read(request.namespace(), controller).orElse(null);
        found = read == null ? null : read.workload();
        idle = read == null || !read.active();
      }
    } catch (KubernetesClientException e) {
      failed(controller, e);
    } catch (RuntimeException e) { // would silently end the thread
      LOG.errorf(e, "failed to look up the owner of %s %s", controller.kind(), controller.name());
    }
    boolean changed;
    synchronized (this) {
      var now = clock.instant();
      requests.remove(controller.uid());
      var before = cache.get(controller.uid());
      if (found == null && before != null) {
        found = before.workload(); // a stale owner is better than none
      }
      var ttl = found == null ? RETRY_DELAY : TTL;
      cache.put(controller.uid(), new CachedOwner(found, now, now.plus(ttl), idle));
      changed =
          before == null
              || idle != before.idle()
              || found != null && !found.equals(before.workload());
      if (found == null) {
        retries.putIfAbsent(request.namespace(), now.plus(RETRY_DELAY));
      }
    }
    if (changed) {
      resolved.accept(request.namespace());
    }
  }

  private synchronized boolean isDenied(String kind) {
    var until = deniedUntil.get(kind);
    return until != null && clock.instant().isBefore(until);
  }

  private void failed(Controller controller, KubernetesClientException e) {
    if (e.getCode() == 403) {
      synchronized (this) {
        deniedUntil.put(controller.kind(), clock.instant().plus(RETRY_DELAY));
      }
    }
    LOG.warnf(
        "cannot look up the owner of %s %s, so findings name the controller itself: %s",
        controller.kind(), controller.name(), e.getMessage());
  }

  void stop(@Observes ShutdownEvent event) {
    if (worker != null) {
      worker.interrupt();
    }
  }
}
