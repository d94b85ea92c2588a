package io.cgrouppolicy.shell.namespace;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.Decision;
import io.cgrouppolicy.core.namespace.Decision.Outcome;
import io.cgrouppolicy.core.namespace.NamespaceDecider;
import io.cgrouppolicy.core.namespace.NamespaceDecider.Failure;
import io.cgrouppolicy.core.namespace.NamespaceRecord;
import io.cgrouppolicy.core.namespace.NamespaceView;
import io.cgrouppolicy.core.namespace.Undecided;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.shell.cluster.PruningItemStore;
import io.cgrouppolicy.shell.pods.RolloutGate;
import io.cgrouppolicy.shell.pods.WorkloadReviewer;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.cgrouppolicy.shell.write.ObjectWriter;
import io.cgrouppolicy.shell.write.WriteFailure;
import io.cgrouppolicy.telemetry.EventRecorder;
import io.cgrouppolicy.telemetry.PolicyMetrics;
import io.cgrouppolicy.telemetry.RetryLog;
import io.cgrouppolicy.telemetry.UndecidedAge;
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
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/// Enforces the governing policy in one namespace: reads the caches, calls [NamespaceDecider],
/// makes the writes and stores the outcome. The cost of an event does not depend on the number of
/// namespaces.
@ControllerConfiguration(
    name = "namespace",
    fieldManager = Child.MANAGER,
    informer =
        @Informer(
            onUpdateFilter = NamespaceChanged.class,
            itemStore = PruningItemStore.class,
            informerListLimit = PruningItemStore.PAGE,
            comparableResourceVersions = false),
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, maxInterval = 10_000)
public class NamespaceReconciler implements Reconciler<Namespace> {
  private static final Logger LOG = Logger.getLogger(NamespaceReconciler.class);

  private final ClusterCache cache;
  private final ObjectStore<NamespaceRecord> store;
  private final ChildWriter writer;
  private final PolicyWaker waker;
  private final EventRecorder events;
  private final PolicyMetrics metrics;
  private final WorkloadReviewer workloads;
  private final RolloutGate gate;
  private final InstantSource clock;
  private final NamespaceDecider decider;
  private WriteTurns turns;

  NamespaceReconciler(
      ClusterCache cache,
      ObjectStore<NamespaceRecord> store,
      ObjectWriter writer,
      PolicyWaker waker,
      EventRecorder events,
      PolicyMetrics metrics,
      WorkloadReviewer workloads,
      RolloutGate gate,
      OperatorSettings settings,
      InstantSource clock,
      MeterRegistry registry) {
    this.cache = cache;
    this.store = store;
    this.writer = new ChildWriter(writer, cache.pending());
    this.waker = waker;
    this.events = events;
    this.metrics = metrics;
    this.workloads = workloads;
    this.gate = gate;
    this.clock = clock;
    this.decider = new NamespaceDecider(settings.quotaGrace(), clock.instant());
    UndecidedAge.register(registry, "Namespace", clock, this::undecidedSince);
  }

  private Stream<Instant> undecidedSince() {
    return store.all().values().stream()
        .map(record -> record.memory().undecided())
        .filter(Objects::nonNull)
        .map(Undecided::since);
  }

  @Override
  public List<EventSource<?, Namespace>> prepareEventSources(
      EventSourceContext<Namespace> context) {
    var source =
        new NamespaceEventSource(cache, store, context.getPrimaryCache(), waker, workloads);
    cache.addListener(workloads);
    workloads.onWake(source::wake);
    turns = new WriteTurns(turns(context), source::wakeIfExists);
    return List.of(source);
  }

  /// Three of four threads, which is enough to keep an API server busy.
  private static int turns(EventSourceContext<Namespace> context) {
    var service = context.getControllerConfiguration().getConfigurationService();
    return Math.max(1, service.concurrentReconciliationThreads() * 3 / 4);
  }

  @Override
  public UpdateControl<Namespace> reconcile(Namespace namespace, Context<Namespace> context) {
    var name = namespace.getMetadata().getName();
    MDC.put("namespace", name);
    try {
      var lookAgain = reconcile(name, namespace);
      return lookAgain.isZero()
          ? UpdateControl.noUpdate()
          : UpdateControl.<Namespace>noUpdate().rescheduleAfter(lookAgain);
    } finally {
      turns.end(name);
      MDC.remove("namespace");
      MDC.remove("policy");
    }
  }

  private Duration reconcile(String name, Namespace namespace) {
    var bare = view(name, namespace);
    bare.selection().governing().ifPresent(policy -> MDC.put("policy", policy.name()));
    var record = store.get(name);
    try {
      var view = bare.trouble() == null ? bare.with(cache.observe(name)) : bare;
      var outcome =
          switch (decider.decide(view, record, clock.instant())) {
            case Decision.Write write -> carryOut(view, write, record);
            case Outcome decided -> decided;
          };
      apply(name, outcome);
      return outcome.lookAgain();
    } catch (RuntimeException e) {
      // A bug must not look like a namespace that waits for its verdict. The SDK retries.
      var trouble = new Trouble("InternalError", e.toString());
      apply(name, decider.troubled(bare, record, trouble, Duration.ZERO, clock.instant()));
      throw e;
    }
  }

  /// Without its objects.
  private NamespaceView view(String name, Namespace namespace) {
    var metadata = namespace.getMetadata();
    var created = metadata.getCreationTimestamp();
    return new NamespaceView(
        name,
        metadata.getLabels(),
        created == null ? null : Instant.parse(created),
        cache.book(),
        cache.selection(name),
        null,
        cache.trouble(),
        policy -> gate.safety(policy, name));
  }

  /// Triggers the pod review after storing the outcome, so that the review compares with it what
  /// changed in the meantime.
  private void apply(String name, Outcome outcome) {
    store.update(name, record -> record.with(outcome));
    for (var event : outcome.events()) {
      switch (event.reason()) {
        case "Reverted" -> LOG.infof("reverted: %s", event.note());
        case "LeftPolicy" -> LOG.infof("%s", event.note());
        default -> LOG.debugf("%s: %s", event.reason(), event.note());
      }
      events.warning(name, event.reason(), event.action(), event.note());
    }
    if (outcome.uncovered() != null) {
      metrics.protectedAfter(outcome.uncovered());
    }
    workloads.changed(name);
  }

  private Outcome carryOut(NamespaceView view, Decision.Write write, NamespaceRecord record) {
    var steps = write.plan().steps();
    try {
      for (var step : steps) {
        if (!turns.take(view.name(), write.urgent(step))) {
          return decider.queued(record, clock.instant());
        }
        writer.perform(view.name(), step);
      }
    } catch (WriteFailure failure) {
      return failed(view, write, record, failure);
    }
    if (write.revert()) {
      metrics.reverted(steps.size());
    }
    var after = view.with(cache.observe(view.name()));
    return decider.written(after, write, record, clock.instant());
  }

  private Outcome failed(
      NamespaceView view, Decision.Write write, NamespaceRecord record, WriteFailure failure) {
    var kind =
        failure.benign() ? Failure.Gone : failure.conflict() ? Failure.Conflict : Failure.Refused;
    var trouble = new Trouble(failure.reason(), failure.getMessage());
    var after = view.with(cache.observe(view.name()));
    var outcome = decider.failed(after, write, record, kind, trouble, clock.instant());
    if (kind == Failure.Gone) {
      LOG.debugf("namespace %s is being deleted", view.name());
      return outcome;
    }
    if (outcome.verdicts() != record.verdicts()) { // else it is retried first
      boolean known =
          record.verdicts().values().stream().anyMatch(v -> trouble.equals(v.trouble()));
      LOG.log(
          known ? RetryLog.level(outcome.memory().failures()) : Logger.Level.WARN,
          failure.getMessage());
      metrics.writeFailed(failure.reason());
    }
    return new Outcome(
        outcome.verdicts(),
        outcome.memory(),
        outcome.events(),
        jittered(outcome.lookAgain()),
        outcome.uncovered());
  }

  /// A random duration between half of the given one and all of it.
  private static Duration jittered(Duration time) {
    long millis = time.toMillis();
    return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
  }
}
