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

/// Finds the topmost controller of a pod: the owner of its ReplicaSet or Job. Asked of the API
/// server where a finding needs it, on a thread aside, slowly, and remembered; meanwhile, and where
/// it cannot be had, the direct controller stands for it.
@ApplicationScoped
public class OwnerResolver {
  private static final Logger LOG = Logger.getLogger(OwnerResolver.class);
  private static final int PER_SECOND = 50;
  private static final int MOST = 50_000;

  /// Owners do not change, but a Deployment's surge can.
  private static final Duration TRUSTED = Duration.ofMinutes(15);

  /// How long it is believed that a controller without pods is there.
  private static final Duration RECENT = Duration.ofSeconds(15);

  /// From a failure to the next try.
  static final Duration PATIENCE = Duration.ofMinutes(1);

  /// What is known of a pod's owner.
  ///
  /// @param settled whether there is nothing more to be had at present
  /// @param due whether it is time to ask
  public record Owner(Workload workload, boolean settled, boolean due) {
    private static Owner certain(Workload workload) {
      return new Owner(workload, true, false);
    }
  }

  /// @param workload null where it could not be had
  /// @param idle whether the direct controller is no longer there, or wants no pods
  private record Known(Workload workload, Instant asked, Instant until, boolean idle) {}

  private record Request(String namespace, Controller controller) {}

  /// Asks the API server: see [OwnerReader].
  interface Lookup {
    Optional<OwnerReader.Found> read(String namespace, Controller controller);
  }

  private final Lookup reader;
  private final InstantSource clock;

  /// By the uid of the direct controller; who was not asked for the longest time goes first.
  private final Map<String, Known> known = new LruCache<>(MOST);

  /// By the uid of the direct controller: no more than there are, in the order in which they came.
  private final Map<String, Request> requests = new LinkedHashMap<>();

  /// When to judge a namespace again, as something could not be had.
  private final Map<String, Instant> retries = new HashMap<>();

  /// Until when a kind is not asked for, as it was refused.
  private final Map<String, Instant> refused = new HashMap<>();

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

  /// @param resolved told a namespace in which an owner has become known, or may be asked for again
  synchronized void start(Consumer<String> resolved) {
    if (worker == null) {
      this.resolved = resolved;
      worker = Thread.ofPlatform().name("owner-resolver").daemon().start(this::work);
    }
  }

  /// What is known at present; asks nobody.
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
      var entry = known.get(controller.uid());
      if (entry == null) {
        return new Owner(OwnerReader.direct(controller), false, true);
      }
      boolean due = !clock.instant().isBefore(entry.until());
      return entry.workload() == null
          ? new Owner(OwnerReader.direct(controller), !due, due)
          : new Owner(entry.workload(), true, due);
    }
  }

  /// What is known at present of a controller that may have no pods, or empty where it is known to
  /// be gone or to want none. As nothing else tells that, it is looked up again and again; asks
  /// nobody at once.
  public Optional<Workload> ofController(String namespace, Controller controller) {
    if (OwnerReader.isOwned(controller)) {
      synchronized (this) {
        var entry = known.get(controller.uid());
        if (entry == null || !clock.instant().isBefore(entry.asked().plus(RECENT))) {
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

  /// Has the owner looked up, unless that is known or under way. Does not block.
  public void ask(PodFacts pod) {
    var controller = pod.controller();
    if (controller == null || pod.mirror() || !OwnerReader.isOwned(controller)) {
      return;
    }
    synchronized (this) {
      var entry = known.get(controller.uid());
      if (entry == null || !clock.instant().isBefore(entry.until())) {
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
          TimeUnit.MILLISECONDS.sleep(1000 / PER_SECOND); // the rate limit itself
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("stopped");
    }
  }

  /// The next request, or null after a while without one.
  private Request next() throws InterruptedException {
    List<String> again;
    Request request = null;
    synchronized (this) {
      if (requests.isEmpty()) {
        wait(Duration.ofSeconds(1).toMillis());
      }
      var now = clock.instant();
      again =
          retries.entrySet().stream()
              .filter(e -> !now.isBefore(e.getValue()))
              .map(Map.Entry::getKey)
              .toList();
      again.forEach(retries::remove);
      var first = requests.entrySet().iterator();
      if (first.hasNext()) {
        request = first.next().getValue();
      }
    }
    again.forEach(resolved);
    return request;
  }

  private void resolve(Request request) {
    var controller = request.controller();
    Workload found = null;
    boolean idle = false;
    try {
      if (!isRefused(controller.kind())) {
        var read = reader.read(request.namespace(), controller).orElse(null);
        found = read == null ? null : read.workload();
        idle = read == null || !read.wantsPods();
      }
    } catch (KubernetesClientException e) {
      failed(controller, e);
    } catch (RuntimeException e) { // which would end the thread, unseen
      LOG.errorf(e, "looking for the owner of %s %s", controller.kind(), controller.name());
    }
    boolean news;
    synchronized (this) {
      var now = clock.instant();
      requests.remove(controller.uid());
      var before = known.get(controller.uid());
      if (found == null && before != null) {
        found = before.workload(); // rather old than none
      }
      var pause = found == null ? PATIENCE : TRUSTED;
      known.put(controller.uid(), new Known(found, now, now.plus(pause), idle));
      news =
          before == null
              || idle != before.idle()
              || found != null && !found.equals(before.workload());
      if (found == null) {
        retries.putIfAbsent(request.namespace(), now.plus(PATIENCE));
      }
    }
    if (news) {
      resolved.accept(request.namespace());
    }
  }

  private synchronized boolean isRefused(String kind) {
    var until = refused.get(kind);
    return until != null && clock.instant().isBefore(until);
  }

  private void failed(Controller controller, KubernetesClientException e) {
    if (e.getCode() == 403) {
      synchronized (this) {
        refused.put(controller.kind(), clock.instant().plus(PATIENCE));
      }
    }
    LOG.warnf(
        "findings name %s %s instead of its owner: %s",
        controller.kind(), controller.name(), e.getMessage());
  }

  void stop(@Observes ShutdownEvent event) {
    if (worker != null) {
      worker.interrupt();
    }
  }
}
