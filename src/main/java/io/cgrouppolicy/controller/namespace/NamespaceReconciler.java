package io.cgrouppolicy.controller.namespace;

import io.cgrouppolicy.compliance.Check;
import io.cgrouppolicy.compliance.ComplianceIndex;
import io.cgrouppolicy.compliance.Finding;
import io.cgrouppolicy.compliance.NamespaceVerdict;
import io.cgrouppolicy.compliance.NamespaceVerdict.Trouble;
import io.cgrouppolicy.controller.ClusterCache;
import io.cgrouppolicy.controller.ObjectWriter;
import io.cgrouppolicy.controller.PruningItemStore;
import io.cgrouppolicy.controller.WriteFailure;
import io.cgrouppolicy.controller.policy.PolicyWaker;
import io.cgrouppolicy.limits.Child;
import io.cgrouppolicy.limits.NamespacePlanner;
import io.cgrouppolicy.limits.NamespacePlanner.Plan;
import io.cgrouppolicy.limits.NamespacePlanner.Step;
import io.cgrouppolicy.limits.RevertGovernor;
import io.cgrouppolicy.policy.CompiledPolicy;
import io.cgrouppolicy.policy.PolicyBook.Selection;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
            onDeleteFilter = NamespaceDeleted.class,
            itemStore = PruningItemStore.class,
            comparableResourceVersions = false),
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, maxInterval = 10_000)
public class NamespaceReconciler implements Reconciler<Namespace> {
  private static final Logger LOG = Logger.getLogger(NamespaceReconciler.class);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(10);

  private final ClusterCache cache;
  private final ComplianceIndex index;
  private final ChildWriter writer;
  private final PolicyWaker waker;
  private final EventRecorder events;
  private final PolicyMetrics metrics;
  private final InstantSource clock;
  private final RevertGovernor governor = new RevertGovernor();
  private final Instant started;

  /// What a namespace was last brought to. A difference from it is somebody's edit; any other is a
  /// policy's change.
  private final Map<String, String> settled = new ConcurrentHashMap<>();

  private final Map<String, Integer> failures = new ConcurrentHashMap<>();
  private final Map<String, Instant> firstSeen = new ConcurrentHashMap<>();

  NamespaceReconciler(
      ClusterCache cache,
      ComplianceIndex index,
      ObjectWriter writer,
      PolicyWaker waker,
      EventRecorder events,
      PolicyMetrics metrics,
      InstantSource clock) {
    this.cache = cache;
    this.index = index;
    this.writer = new ChildWriter(writer, cache.pending());
    this.waker = waker;
    this.events = events;
    this.metrics = metrics;
    this.clock = clock;
    this.started = clock.instant();
  }

  @Override
  public List<EventSource<?, Namespace>> prepareEventSources(
      EventSourceContext<Namespace> context) {
    return List.of(
        new NamespaceEventSource(cache, index, context.getPrimaryCache(), waker::policyGone));
  }

  @Override
  public UpdateControl<Namespace> reconcile(Namespace namespace, Context<Namespace> context) {
    var name = namespace.getMetadata().getName();
    MDC.put("namespace", name);
    try {
      var again = bringInLine(namespace);
      return again.isZero()
          ? UpdateControl.noUpdate()
          : UpdateControl.<Namespace>noUpdate().rescheduleAfter(again);
    } catch (RuntimeException e) {
      // A fault of ours must not look like a namespace that waits to be judged. The SDK retries.
      var selection = cache.book().select(name, namespace.getMetadata().getLabels());
      file(name, selection, Map.of(), new Trouble("InternalError", e.toString()), Duration.ZERO);
      throw e;
    } finally {
      MDC.remove("namespace");
      MDC.remove("policy");
    }
  }

  /// Drops what is known of a namespace that is gone or going.
  void forget(String name) {
    index.remove(name);
    governor.remove(name);
    settled.remove(name);
    failures.remove(name);
    firstSeen.remove(name);
    cache.pending().forget(name);
  }

  /// How long until the namespace must be looked at again; zero for the next event.
  private Duration bringInLine(Namespace namespace) {
    var name = namespace.getMetadata().getName();
    var now = clock.instant();
    var book = cache.book();
    var selection = book.select(name, namespace.getMetadata().getLabels());
    selection.governing().ifPresent(policy -> MDC.put("policy", policy.name()));
    var trouble = cache.trouble();
    if (trouble != null) {
      file(name, selection, Map.of(), trouble, Duration.ZERO);
      return Duration.ofSeconds(2);
    }
    firstSeen.putIfAbsent(name, now);
    var plan = NamespacePlanner.plan(book, selection, cache.observe(name));
    if (plan.heldBy() != null) {
      file(
          name,
          selection,
          plan.findings(),
          new Trouble(
              "HeldByInvalidPolicy",
              "its objects belong to policy " + plan.heldBy() + ", which is invalid"),
          Duration.ZERO);
      return Duration.ZERO;
    }
    boolean revert = !plan.steps().isEmpty() && key(selection).equals(settled.get(name));
    if (revert) {
      var wait = governor.ask(name, now);
      if (!wait.isZero()) {
        file(name, selection, plan.findings(), null, governor.contested(name, now));
        return wait;
      }
    }
    return carryOut(name, selection, plan, revert);
  }

  private Duration carryOut(String name, Selection selection, Plan plan, boolean revert) {
    try {
      for (var step : plan.steps()) {
        writer.take(name, step);
      }
    } catch (WriteFailure failure) {
      return failed(name, selection, plan, failure);
    }
    failures.remove(name);
    settled.put(name, key(selection));
    var after = plan;
    if (!plan.steps().isEmpty()) {
      report(name, plan, revert);
      after = NamespacePlanner.plan(cache.book(), selection, cache.observe(name));
    }
    var contested = governor.contested(name, clock.instant());
    file(name, selection, after.findings(), null, contested);
    protectedNow(name, selection);
    return contested;
  }

  private Duration failed(String name, Selection selection, Plan plan, WriteFailure failure) {
    if (failure.benign()) {
      LOG.debugf("namespace %s is going away", name);
      return LONGEST_RETRY;
    }
    int attempt = failures.merge(name, 1, Integer::sum);
    if (!failure.conflict() || attempt > 5) {
      LOG.warn(failure.getMessage());
      file(
          name,
          selection,
          plan.findings(),
          new Trouble(failure.reason(), failure.getMessage()),
          Duration.ZERO);
    }
    long millis = Math.min(LONGEST_RETRY.toMillis(), 100L << Math.min(attempt, 7));
    return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
  }

  /// What the objects of a namespace depend on.
  private static String key(Selection selection) {
    return selection.enforcing().stream()
        .map(policy -> policy.uid() + "/" + policy.generation())
        .collect(Collectors.joining(","));
  }

  private void report(String name, Plan plan, boolean revert) {
    var what =
        plan.steps().stream().map(NamespaceReconciler::describe).collect(Collectors.joining("; "));
    if (revert) {
      LOG.infof("reverted: %s", what);
      metrics.reverted(plan.steps().size());
      events.warning(name, "Reverted", "Revert", what);
    } else {
      LOG.debugf("done: %s", what);
    }
  }

  private static String describe(Step step) {
    return switch (step) {
      case Step.Delete delete -> delete.child() + " removed";
      case Step.Apply apply when apply.found() == null -> apply.child() + " put in place";
      case Step.Apply apply ->
          apply.child()
              + " changed back: "
              + apply.differences().stream()
                  .limit(5)
                  .map(Object::toString)
                  .collect(Collectors.joining(", "));
    };
  }

  private void file(
      String name,
      Selection selection,
      Map<CompiledPolicy, List<Finding>> findings,
      Trouble trouble,
      Duration contested) {
    var verdicts = new HashMap<String, NamespaceVerdict>();
    for (var policy : selection.judging()) {
      var found = new ArrayList<>(findings.getOrDefault(policy, List.of()));
      if (!contested.isZero() && policy.enforces()) {
        found.add(
            Finding.of(
                Check.ObjectContested,
                "left alone",
                "changed again and again",
                "somebody keeps changing what the operator restores; it now waits between"
                    + " attempts"));
      }
      verdicts.put(
          policy.name(),
          new NamespaceVerdict(policy.uid(), policy.generation(), trouble, List.copyOf(found)));
    }
    var before = index.get(name);
    index.put(name, verdicts);
    verdicts.forEach((policy, verdict) -> announce(name, policy, before.get(policy), verdict));
  }

  /// An event for each finding that is new; none for what was there when the operator started.
  private void announce(
      String name, String policy, NamespaceVerdict before, NamespaceVerdict verdict) {
    if (before == null && clock.instant().isBefore(started.plusSeconds(30))) {
      return;
    }
    var known =
        before == null ? List.<Check>of() : before.findings().stream().map(Finding::check).toList();
    for (var finding : verdict.findings()) {
      if (!known.contains(finding.check())) {
        events.warning(
            name, finding.check().name(), "Judge", "policy " + policy + ": " + finding.message());
      }
    }
  }

  /// Times how long a namespace that came while we ran went without its objects.
  private void protectedNow(String name, Selection selection) {
    var since = firstSeen.get(name);
    if (since != null && since != Instant.MIN && selection.governing().isPresent()) {
      firstSeen.put(name, Instant.MIN);
      if (since.isAfter(started.plusSeconds(10))) {
        metrics.protectedAfter(Duration.between(since, clock.instant()));
      }
    }
  }
}
