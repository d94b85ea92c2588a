package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.failedcreate.FailedCreate;
import io.cgrouppolicy.core.failedcreate.FailedCreateCause;
import io.cgrouppolicy.core.failedcreate.FailedCreateLog;
import io.cgrouppolicy.core.failedcreate.FailedCreateLog.Entry;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.PodCache;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.MicroTime;
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
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Finds the workloads whose pods the API server rejects because of our LimitRange or quota, or
/// whose ReplicaSets, Jobs or claims, from the events of their controllers. A rejection ends when a
/// later pod is created, when the controller is gone, when our objects no longer cause it, when its
/// event is gone, or when it is not repeated for [FailedCreateLog#LIFE].
@ApplicationScoped
public class FailedCreateWatch {
  private static final Logger LOG = Logger.getLogger(FailedCreateWatch.class);

  private static final Map<String, String> GROUPS =
      Map.of(
          "ReplicaSet", "apps/v1",
          "StatefulSet", "apps/v1",
          "DaemonSet", "apps/v1",
          "Deployment", "apps/v1",
          "Job", "batch/v1",
          "CronJob", "batch/v1");

  private static final Comparator<Entry> NEWER =
      Comparator.comparing(Entry::at).thenComparing(Entry::name);

  /// Resolves the workload by which findings are grouped.
  public interface Owners {
    /// The workload of a pod's controller, or null when the controller is gone or scaled to zero,
    /// like the ReplicaSet of an old revision.
    Workload of(String kind, String name, String uid, String namespace);

    /// The template of the pods that a controller lacks, or null if unknown.
    default PodShape template(String uid) {
      return null;
    }
  }

  /// Checks whether a workload creates pods again.
  public interface Progress {
    /// Whether the controller with this uid, or another one of the workload, has a pod created at
    /// or after a time. Both times are exact to the second. If a pod is created and the next one
    /// rejected within the same second, the rejection of the next attempt shows it.
    boolean createdSince(String namespace, Workload workload, String controllerUid, Instant time);
  }

  private final FailedCreateEvents events;
  private final Function<String, Observed> observe;
  private final Owners owners;
  private final Progress progress;
  private final InstantSource clock;
  private final FailedCreateLog rejections = new FailedCreateLog(); // guarded by this
  private volatile Consumer<String> changed = namespace -> {};

  @Inject
  FailedCreateWatch(
      FailedCreateEvents events,
      ClusterCache cache,
      PodCache pods,
      OwnerResolver owners,
      InstantSource clock,
      MeterRegistry metrics) {
    this(
        events,
        cache::observe,
        new Owners() {
          @Override
          public Workload of(String kind, String name, String uid, String namespace) {
            var controller = new Controller(GROUPS.getOrDefault(kind, "v1"), kind, name, uid);
            return owners.ofController(namespace, controller).orElse(null);
          }

          @Override
          public PodShape template(String uid) {
            return owners.template(uid);
          }
        },
        (namespace, workload, uid, time) ->
            createdSince(pods.inNamespace(namespace), owners, workload, uid, time),
        clock,
        metrics);
  }

  /// @param observe returns the objects in a namespace
  public FailedCreateWatch(
      FailedCreateEvents events,
      Function<String, Observed> observe,
      Owners owners,
      Progress progress,
      InstantSource clock,
      MeterRegistry metrics) {
    this.events = events;
    this.observe = observe;
    this.owners = owners;
    this.progress = progress;
    this.clock = clock;
    Gauge.builder("cgroup_policy_refusals_watched", events, e -> e.trouble() == null ? 1 : 0)
        .description(
            "1 when the operator sees that pods are refused, 0 when it may not list events")
        .strongReference(true)
        .register(metrics);
  }

  /// Also compares workloads: a fixed Deployment creates its pods from a new ReplicaSet, not from
  /// the rejected one.
  private static boolean createdSince(
      List<PodFacts> pods, OwnerResolver owners, Workload workload, String uid, Instant time) {
    return pods.stream()
        .filter(pod -> pod.controller() != null && pod.created() >= time.getEpochSecond())
        .anyMatch(
            pod ->
                pod.controller().uid().equals(uid) || isSame(workload, owners.of(pod).workload()));
  }

  private static boolean isSame(Workload workload, Workload other) {
    return workload.kind().equals(other.kind()) && workload.name().equals(other.name());
  }

  /// @param changed receives the name of a namespace whose findings may have changed because of an
  ///     event or because time passed, but not for changes of our objects, pods or owners; must not
  ///     block
  public void onChange(Consumer<String> changed) {
    this.changed = changed;
  }

  void start(@Observes StartupEvent event) {
    start();
  }

  void stop(@Observes ShutdownEvent event) {
    stop();
  }

  public void start() {
    start(FailedCreateEvents.PODS);
  }

  /// Also watches the events of Deployments whose new ReplicaSet is rejected. Does nothing when
  /// called again.
  public void watchReplicaSets() {
    start(FailedCreateEvents.REPLICA_SETS);
  }

  private void start(String reason) {
    events.start(
        reason,
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
  }

  public void stop() {
    events.stop();
  }

  /// The time of an event's last occurrence. The old recorder, which the workload controllers use,
  /// sets `lastTimestamp`; the new recorder sets `series`.
  static Instant time(Event event) {
    var series = event.getSeries();
    return Stream.of(
            text(series == null ? null : series.getLastObservedTime()),
            text(event.getEventTime()),
            event.getLastTimestamp(),
            event.getMetadata().getCreationTimestamp())
        .filter(Objects::nonNull)
        .findFirst()
        .map(Instant::parse)
        .orElse(Instant.EPOCH);
  }

  private static String text(MicroTime time) {
    return time == null ? null : time.getTime();
  }

  synchronized void seen(Event event) {
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
            time(event),
            refusal.get(),
            event.getMetadata().getName());
    if (!entry.at().plus(FailedCreateLog.LIFE).isAfter(clock.instant())) {
      return;
    }
    // A repetition is news if pods were created since the rejection before it.
    boolean ended =
        rejections.of(namespace).stream()
            .anyMatch(known -> known.uid().equals(entry.uid()) && rejectedWorkload(known) == null);
    if (rejections.put(entry) || ended) {
      changed.accept(namespace);
    }
  }

  /// The workload of a rejection, or null if the rejection has ended.
  private Workload rejectedWorkload(Entry entry) {
    var workload = owners.of(entry.kind(), entry.name(), entry.uid(), entry.namespace());
    return workload == null
            || progress.createdSince(entry.namespace(), workload, entry.uid(), entry.at())
        ? null
        : workload;
  }

  synchronized void gone(Event event) {
    var namespace = event.getMetadata().getNamespace();
    if (rejections.remove(namespace, event.getMetadata().getName())) {
      changed.accept(namespace);
    }
  }

  /// Drops expired rejections and triggers a review of the rest, because no event reports the
  /// deletion of a workload that never had a pod.
  synchronized void expire() {
    var namespaces = new HashSet<>(rejections.expire(clock.instant()));
    namespaces.addAll(rejections.namespaces());
    namespaces.forEach(changed);
  }

  /// The workloads in a namespace whose pods are rejected because of our objects there, sorted. The
  /// findings belong to the policy that governs the namespace.
  public List<WorkloadFinding> findings(String namespace) {
    var entries = entries(namespace);
    if (entries.isEmpty()) {
      return List.of();
    }
    var observed = observe.apply(namespace);
    var limitRange = observed.limitRange();
    var cause =
        new FailedCreateCause(
            limitRange == null || !Child.isOurs(limitRange) ? null : limitRange.getSpec(),
            observed.resourceQuotas().entrySet().stream()
                .filter(quota -> Child.isOurs(quota.getValue()))
                .collect(Collectors.toMap(Map.Entry::getKey, quota -> quota.getValue().getSpec())),
            observed.foreignLimitRanges());
    return findings(entries, cause);
  }

  private synchronized Collection<Entry> entries(String namespace) {
    return rejections.of(namespace);
  }

  /// Keeps the newest of several rejections of a workload, for example by successive ReplicaSets.
  private List<WorkloadFinding> findings(Iterable<Entry> entries, FailedCreateCause cause) {
    var newest = new TreeMap<String, Map.Entry<Workload, Entry>>();
    for (var rejection : entries) {
      var workload = rejectedWorkload(rejection);
      if (workload != null) {
        newest.merge(
            workload.kind() + "/" + workload.name(),
            Map.entry(workload, rejection),
            (a, b) -> NEWER.compare(a.getValue(), b.getValue()) >= 0 ? a : b);
      }
    }
    return newest.values().stream()
        .flatMap(
            entry ->
                cause
                    .judge(entry.getValue().rejection(), owners.template(entry.getValue().uid()))
                    .stream()
                    .map(entry.getKey()::finding))
        .toList();
  }
}
