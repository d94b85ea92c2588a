package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.failedcreate.FailedCreate;
import io.cgrouppolicy.core.failedcreate.FailedCreateCause;
import io.cgrouppolicy.core.failedcreate.FailedCreateLog;
import io.cgrouppolicy.core.failedcreate.FailedCreateLog.Entry;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.NamespacePlanner.Observed;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/// Whose pods are refused because of our LimitRange or quota, as the controllers of pods tell it in
/// events. A refusal ends when a pod was created after it, when the controller is gone, when our
/// objects no longer say what it names, when its event is gone, or when it was not repeated for
/// [FailedCreateLog#LIFE].
@ApplicationScoped
public class FailedCreateWatch {
  private static final Logger LOG = Logger.getLogger(FailedCreateWatch.class);

  /// What a finding is grouped by.
  public interface Owners {
    /// The workload that an object which creates pods belongs to, or null when the object is gone
    /// or wants no pods any more, as the ReplicaSet of an old revision.
    Workload of(String kind, String name, String uid, String namespace);
  }

  /// Whether pods are created again.
  public interface Progress {
    /// Whether the controller with this uid, or another of the workload, has a pod that was created
    /// at or after a point in time. Both are exact to the second: where a pod was created and the
    /// next one refused within one, the next attempt, which is refused later, tells.
    boolean createdSince(String namespace, Workload workload, String controllerUid, Instant time);
  }

  /// The name that a Deployment gives its ReplicaSet: its own and a hash, spelled in the letters of
  /// `rand.SafeEncodeString`.
  private static final Pattern OF_A_DEPLOYMENT =
      Pattern.compile("(.+)-[bcdfghjklmnpqrstvwxz2456789]{6,10}");

  private final FailedCreateEvents events;
  private final Function<String, Observed> observe;
  private final InstantSource clock;
  private final FailedCreateLog ledger = new FailedCreateLog(); // guarded by itself
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("refusal-watch").daemon().factory());
  private volatile Owners owners = FailedCreateWatch::byName;
  private volatile Progress progress = (namespace, workload, uid, time) -> false;

  @Inject
  FailedCreateWatch(
      FailedCreateEvents events, ClusterCache cache, InstantSource clock, MeterRegistry metrics) {
    this(events, cache::observe, clock, metrics);
  }

  /// @param observe what is in a namespace
  public FailedCreateWatch(
      FailedCreateEvents events,
      Function<String, Observed> observe,
      InstantSource clock,
      MeterRegistry metrics) {
    this.events = events;
    this.observe = observe;
    this.clock = clock;
    Gauge.builder("cgroup_policy_refusals_watched", events, e -> e.trouble() == null ? 1 : 0)
        .description(
            "1 when the operator sees that pods are refused, 0 when it may not list events")
        .strongReference(true)
        .register(metrics);
  }

  /// Says how controllers are resolved and whether they make progress; by names, and never, until
  /// it is called.
  public void use(Owners owners, Progress progress) {
    this.owners = owners;
    this.progress = progress;
  }

  /// @param changed told the name of a namespace whose findings may have become others because of
  ///     an event or of time; must not block. Changes of our objects, of pods and of owners are not
  ///     told.
  public void addListener(Consumer<String> changed) {
    listeners.add(changed);
  }

  void start(@Observes StartupEvent event) {
    start();
  }

  void stop(@Observes ShutdownEvent event) {
    stop();
  }

  public void start() {
    events.start(
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(Event event) {
            seen(event);
          }

          @Override
          public void onUpdate(Event before, Event event) {
            seen(event);
          }

          @Override
          public void onDelete(Event event, boolean unknown) {
            gone(event);
          }
        },
        () -> LOG.debugf("the view of events is now: %s", events.trouble()));
    timer.scheduleWithFixedDelay(this::expire, 20, 20, TimeUnit.SECONDS);
  }

  public void stop() {
    timer.shutdownNow();
    events.stop();
  }

  void seen(Event event) {
    var refusal = FailedCreate.parse(event.getMessage());
    if (refusal.isEmpty() || event.getInvolvedObject() == null) {
      gone(event);
      return;
    }
    var involved = event.getInvolvedObject();
    var namespace = event.getMetadata().getNamespace();
    var entry =
        new Entry(
            namespace,
            involved.getKind(),
            involved.getName(),
            involved.getUid(),
            EventTime.of(event),
            refusal.get(),
            event.getMetadata().getName());
    boolean changed;
    synchronized (ledger) {
      changed = entry.at().plus(FailedCreateLog.LIFE).isAfter(clock.instant()) && ledger.put(entry);
    }
    if (changed) {
      tell(namespace);
    }
  }

  void gone(Event event) {
    var namespace = event.getMetadata().getNamespace();
    boolean changed;
    synchronized (ledger) {
      changed = ledger.remove(namespace, event.getMetadata().getName());
    }
    if (changed) {
      tell(namespace);
    }
  }

  /// Forgets what is over, and has the rest looked at again: that a workload was deleted, which
  /// may never have had a pod, is told by no event.
  void expire() {
    try {
      var namespaces = new HashSet<String>();
      synchronized (ledger) {
        namespaces.addAll(ledger.expire(clock.instant()));
        namespaces.addAll(ledger.namespaces());
      }
      namespaces.forEach(this::tell);
    } catch (RuntimeException e) { // which would end the timer, unseen
      LOG.error("forgetting refusals that are over", e);
    }
  }

  private void tell(String namespace) {
    listeners.forEach(listener -> listener.accept(namespace));
  }

  /// The workloads of a namespace whose pods are refused because of our objects there, sorted. They
  /// belong to the policy that governs the namespace.
  public List<WorkloadFinding> findings(String namespace) {
    Collection<Entry> entries;
    synchronized (ledger) {
      entries = ledger.of(namespace);
    }
    if (entries.isEmpty()) {
      return List.of();
    }
    var observed = observe.apply(namespace);
    var limitRange = observed.limitRange();
    var quota = observed.resourceQuota();
    var culprit =
        new FailedCreateCause(
            limitRange == null || !Child.isOurs(limitRange) ? null : limitRange.getSpec(),
            quota == null || !Child.isOurs(quota) ? null : quota.getSpec(),
            observed.foreignLimitRanges());
    return findings(entries, culprit);
  }

  /// Of several refusals of a workload, by one ReplicaSet and the next, the newest counts.
  private List<WorkloadFinding> findings(Iterable<Entry> entries, FailedCreateCause culprit) {
    var newest = new TreeMap<String, Map.Entry<Workload, Entry>>();
    for (var one : entries) {
      var workload = owners.of(one.kind(), one.name(), one.uid(), one.namespace());
      if (workload != null
          && !progress.createdSince(one.namespace(), workload, one.uid(), one.at())) {
        newest.merge(
            workload.kind() + "/" + workload.name(),
            Map.entry(workload, one),
            (a, b) -> NEWER.compare(a.getValue(), b.getValue()) >= 0 ? a : b);
      }
    }
    return newest.values().stream()
        .flatMap(
            entry ->
                culprit.judge(entry.getValue().rejection()).stream()
                    .map(
                        finding ->
                            new WorkloadFinding(
                                entry.getKey().kind(), entry.getKey().name(), finding)))
        .toList();
  }

  private static final Comparator<Entry> NEWER =
      Comparator.comparing(Entry::at).thenComparing(Entry::name);

  private static Workload byName(String kind, String name, String uid, String namespace) {
    var deployment = OF_A_DEPLOYMENT.matcher(name);
    return kind.equals("ReplicaSet") && deployment.matches()
        ? new Workload("Deployment", deployment.group(1), null)
        : new Workload(kind, name, null);
  }
}
