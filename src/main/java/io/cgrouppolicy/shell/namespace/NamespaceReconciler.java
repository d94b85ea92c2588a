package io.cgrouppolicy.shell.namespace;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.NamespacePlanner;
import io.cgrouppolicy.core.namespace.NamespacePlanner.Plan;
import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import io.cgrouppolicy.core.namespace.RevertGovernor;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.ComplianceIndex;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.shell.cluster.PruningItemStore;
import io.cgrouppolicy.shell.pods.RolloutGate;
import io.cgrouppolicy.shell.pods.WorkloadReviewer;
import io.cgrouppolicy.shell.write.ObjectWriter;
import io.cgrouppolicy.shell.write.WriteFailure;
import io.cgrouppolicy.telemetry.EventRecorder;
import io.cgrouppolicy.telemetry.PolicyMetrics;
import io.fabric8.kubernetes.api.model.Namespace;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/// Brings one namespace in line with the policy that governs it, and files the verdict. Reads
/// caches only; the work of an event does not grow with the number of namespaces.
@ControllerConfiguration(
    name = "namespace",
    fieldManager = Child.MANAGER,
    informer =
        @Informer(
            onUpdateFilter = NamespaceChanged.class,
            itemStore = PruningItemStore.class,
            comparableResourceVersions = false),
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, maxInterval = 10_000)
public class NamespaceReconciler implements Reconciler<Namespace> {
  private static final Logger LOG = Logger.getLogger(NamespaceReconciler.class);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);

  /// What the API server gets to see a namespace itself that was created this moment. Asked for an
  /// object in one that it does not know yet, its admission waits for 50 ms (NamespaceLifecycle).
  private static final Duration HEAD_START = Duration.ofMillis(5);

  private final ClusterCache cache;
  private final ComplianceIndex<NamespaceVerdict> index;
  private final ChildWriter writer;
  private final PolicyWaker waker;
  private final NamespaceReporter reporter;
  private final WorkloadReviewer workloads;
  private final RolloutGate gate;
  private final InstantSource clock;
  private final RevertGovernor governor = new RevertGovernor();

  /// What a namespace was last brought to. A difference from it is somebody's edit; any other is a
  /// policy's change.
  private final Map<String, String> settled = new ConcurrentHashMap<>();

  private final Map<String, Integer> failures = new ConcurrentHashMap<>();

  NamespaceReconciler(
      ClusterCache cache,
      ComplianceIndex<NamespaceVerdict> index,
      ObjectWriter writer,
      PolicyWaker waker,
      EventRecorder events,
      PolicyMetrics metrics,
      WorkloadReviewer workloads,
      RolloutGate gate,
      InstantSource clock) {
    this.cache = cache;
    this.index = index;
    this.writer = new ChildWriter(writer, cache.pending());
    this.waker = waker;
    this.reporter = new NamespaceReporter(index, events, metrics, clock);
    this.workloads = workloads;
    this.gate = gate;
    this.clock = clock;
  }

  @Override
  public List<EventSource<?, Namespace>> prepareEventSources(
      EventSourceContext<Namespace> context) {
    var source =
        new NamespaceEventSource(cache, index, context.getPrimaryCache(), waker, this::forget);
    cache.addListener(workloads);
    gate.wakes(source::childChanged);
    return List.of(source);
  }

  @Override
  public UpdateControl<Namespace> reconcile(Namespace namespace, Context<Namespace> context) {
    var name = namespace.getMetadata().getName();
    MDC.put("namespace", name);
    try {
      var again = sooner(bringInLine(namespace), cache.adoption().left(name, clock.instant()));
      return again.isZero()
          ? UpdateControl.noUpdate()
          : UpdateControl.<Namespace>noUpdate().rescheduleAfter(again);
    } catch (RuntimeException e) {
      // A fault of ours must not look like a namespace that waits to be judged. The SDK retries.
      var visit = Visit.of(name, namespace.getMetadata().getLabels(), cache.book());
      var trouble = new Trouble("InternalError", e.toString());
      reporter.file(visit, Map.of(), trouble, Duration.ZERO);
      throw e;
    } finally {
      MDC.remove("namespace");
      MDC.remove("policy");
    }
  }

  /// Drops what is known of a namespace that is gone or going.
  void forget(String name) {
    reporter.forget(name);
    gate.forget(name);
    workloads.forget(name);
    governor.remove(name);
    settled.remove(name);
    failures.remove(name);
    cache.pending().forget(name);
    cache.adoption().remove(name);
  }

  /// Zero means never.
  private static Duration sooner(Duration a, Duration b) {
    return b.isZero() || !a.isZero() && a.compareTo(b) < 0 ? a : b;
  }

  /// How long until the namespace must be looked at again; zero for the next event.
  private Duration bringInLine(Namespace namespace) {
    var name = namespace.getMetadata().getName();
    var now = clock.instant();
    var visit = Visit.of(name, namespace.getMetadata().getLabels(), cache.book());
    visit.selection().governing().ifPresent(policy -> MDC.put("policy", policy.name()));
    var trouble = cache.trouble();
    if (trouble != null) {
      reporter.file(visit, Map.of(), trouble, Duration.ZERO);
      return Duration.ofSeconds(2);
    }
    if (reporter.seen(name) && isNew(namespace, now)) {
      return HEAD_START;
    }
    workloads.changed(name);
    var plan = NamespacePlanner.plan(visit.book(), visit.selection(), cache.observe(name));
    if (plan.heldBy() != null) {
      var held =
          new Trouble(
              "HeldByInvalidPolicy",
              "its objects belong to policy " + plan.heldBy() + ", which is invalid");
      reporter.file(visit, plan.findings(), held, Duration.ZERO);
      return Duration.ZERO;
    }
    boolean revert = visit.reverts(plan, settled.get(name));
    if (revert) {
      var wait = governor.ask(name, now);
      if (!wait.isZero()) {
        reporter.file(visit, plan.findings(), null, governor.contested(name, now));
        return wait;
      }
    } else {
      var answer = gate.ask(visit.selection().governing().orElse(null), name, plan.steps());
      if (answer != RolloutGate.Answer.GO) {
        reporter.fileWaiting(visit, plan.findings(), answer == RolloutGate.Answer.WAIT);
        return Duration.ZERO;
      }
    }
    return carryOut(visit, plan, revert);
  }

  private static boolean isNew(Namespace namespace, Instant now) {
    var created = namespace.getMetadata().getCreationTimestamp();
    return created != null && Instant.parse(created).isAfter(now.minusSeconds(3));
  }

  private Duration carryOut(Visit visit, Plan plan, boolean revert) {
    var name = visit.name();
    try {
      for (var step : plan.steps()) {
        writer.take(name, step);
      }
    } catch (WriteFailure failure) {
      return failed(visit, plan, failure);
    }
    failures.remove(name);
    settled.put(name, visit.key());
    var after = plan;
    if (!plan.steps().isEmpty()) {
      reporter.done(name, plan, revert);
      after = NamespacePlanner.plan(cache.book(), visit.selection(), cache.observe(name));
    }
    var contested = governor.contested(name, clock.instant());
    reporter.file(visit, after.findings(), null, contested);
    reporter.protectedNow(visit);
    return contested;
  }

  private Duration failed(Visit visit, Plan plan, WriteFailure failure) {
    if (failure.benign()) {
      LOG.debugf("namespace %s is going away", visit.name());
      return LONGEST_RETRY;
    }
    int attempt = failures.merge(visit.name(), 1, Integer::sum);
    if (!failure.conflict() || attempt > 5) {
      LOG.warn(failure.getMessage());
      reporter.fileFailure(visit, plan, new Trouble(failure.reason(), failure.getMessage()));
    }
    long millis = Math.min(LONGEST_RETRY.toMillis(), 100L << Math.min(attempt, 7));
    return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
  }
}
