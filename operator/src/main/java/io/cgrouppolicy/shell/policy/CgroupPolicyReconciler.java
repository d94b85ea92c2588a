package io.cgrouppolicy.shell.policy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyRecord;
import io.cgrouppolicy.core.status.PolicyRecord.Written;
import io.cgrouppolicy.core.status.PolicyStatusFactory;
import io.cgrouppolicy.core.status.ReportedConditions;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.telemetry.EventRecorder;
import io.cgrouppolicy.telemetry.EventRecorder.Type;
import io.cgrouppolicy.telemetry.PolicyMetrics;
import io.cgrouppolicy.telemetry.RetryLog;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/// Writes a policy's status: counters, conditions and a sample of the violations, computed from the
/// stored verdicts. The only writer; it writes only when the status changed.
@ControllerConfiguration(
    name = "cgrouppolicy",
    fieldManager = Child.MANAGER,
    informer = @Informer(comparableResourceVersions = false),
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, maxInterval = 10_000)
public class CgroupPolicyReconciler implements Reconciler<CgroupPolicy> {
  private static final Logger LOG = Logger.getLogger(CgroupPolicyReconciler.class);
  private static final PatchContext APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager(Child.MANAGER)
          .withForce(true)
          .build();

  /// How long after a restart a status of the same generation stays while verdicts come in.
  /// Overwriting it with Unknown and back would cost two needless writes.
  private static final Duration STARTUP_GRACE = Duration.ofSeconds(30);

  private static final Set<String> INCOMPLETE = Set.of("Observing", "CacheNotSynced");

  private static final Duration WRITE_RETRY = Duration.ofSeconds(5);

  private final KubernetesClient client;
  private final ClusterCache cache;
  private final PolicyScope scope;
  private final RemedyPublisher remedies;
  private final ReportPublisher reports;
  private final PolicyWaker waker;
  private final PolicyMetrics metrics;
  private final EventRecorder events;
  private final ObjectStore<PolicyRecord> store;
  private final InstantSource clock;
  private final Instant started;

  CgroupPolicyReconciler(
      KubernetesClient client,
      ClusterCache cache,
      PolicyScope scope,
      RemedyPublisher remedies,
      ReportPublisher reports,
      PolicyWaker waker,
      PolicyMetrics metrics,
      EventRecorder events,
      ObjectStore<PolicyRecord> store,
      InstantSource clock) {
    this.client = client;
    this.cache = cache;
    this.scope = scope;
    this.remedies = remedies;
    this.reports = reports;
    this.waker = waker;
    this.metrics = metrics;
    this.events = events;
    this.store = store;
    this.clock = clock;
    this.started = clock.instant();
  }

  @Override
  public List<EventSource<?, CgroupPolicy>> prepareEventSources(
      EventSourceContext<CgroupPolicy> context) {
    cache.addListener(this::policyChanged);
    var source = new PolicyEventSource(cache);
    cache.setPolicyCache(context.getPrimaryCache());
    waker.onWake(policy -> source.propagateEvent(new ResourceID(policy)));
    return List.of(source);
  }

  @Override
  public UpdateControl<CgroupPolicy> reconcile(CgroupPolicy policy, Context<CgroupPolicy> context) {
    var name = policy.getMetadata().getName();
    var uid = policy.getMetadata().getUid();
    MDC.put("policy", name);
    try {
      // The SDK's cache can show a deleted policy a little longer than the book.
      var requeueAfter = compiled(name, uid).map(compiled -> judge(policy, compiled));
      if (compiled(name, uid).isEmpty()) {
        metrics.forget(name); // deleted while being judged: its metrics would stay forever
        return UpdateControl.noUpdate();
      }
      return requeueAfter
          .map(delay -> UpdateControl.<CgroupPolicy>noUpdate().rescheduleAfter(delay))
          .orElseGet(UpdateControl::noUpdate);
    } finally {
      MDC.remove("policy");
    }
  }

  /// The policy as compiled when its latest change arrived; empty if it was deleted.
  private Optional<CompiledPolicy> compiled(String name, String uid) {
    return cache.book().find(name, uid);
  }

  private void policyChanged(CompiledPolicy before, CompiledPolicy after) {
    if (before != null && (after == null || !after.uid().equals(before.uid()))) {
      store.remove(before.uid());
      waker.forget(before.name());
      reports.forget(before.name());
      metrics.forget(before.name());
    }
  }

  /// @return when to look again, or null
  private Duration judge(CgroupPolicy policy, CompiledPolicy compiled) {
    var now = clock.instant();
    var current = current(policy, now);
    var remedyTrouble = remedies.publish(compiled, () -> scope.facts(compiled));
    var input = scope.input(compiled, current, remedyTrouble, reports.changed(compiled), now);
    var result = PolicyStatusFactory.create(input);
    metrics.report(compiled, result);
    var status = result.status();
    if (!Objects.equals(status, current)) {
      if (isIncomplete(status, current, now)) {
        return Duration.ofSeconds(1);
      }
      if (!write(policy, status, now)) {
        return WRITE_RETRY;
      }
    }
    announce(policy, status.conditions());
    if (input.cluster() != null || remedyTrouble != null) {
      return Duration.ofSeconds(2);
    }
    var expiry =
        result.nextExpiry() == null
            ? null
            : Duration.between(now, result.nextExpiry()).plusMillis(10);
    return Stream.of(expiry, reports.lookAgain(compiled.uid()))
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  private CgroupPolicyStatus current(CgroupPolicy policy, Instant now) {
    var uid = policy.getMetadata().getUid();
    var last = store.get(uid).written();
    if (last == null) {
      return policy.getStatus();
    }
    if (Objects.equals(last.status(), policy.getStatus())
        || last.at().plusSeconds(10).isBefore(now)) {
      store.update(uid, record -> record.with((Written) null));
      return policy.getStatus();
    }
    return last.status();
  }

  /// Sends events when the policy becomes ready or compliant and when it no longer is. Does not
  /// report what was already true when the operator started.
  private void announce(CgroupPolicy policy, List<Condition> conditions) {
    var name = policy.getMetadata().getName();
    var uid = policy.getMetadata().getUid();
    var stored = policy.getStatus() == null ? null : policy.getStatus().conditions();
    var reported =
        Objects.requireNonNullElseGet(
            store.get(uid).reported(), () -> ReportedConditions.of(stored));
    for (var condition : reported.news(conditions)) {
      events.policy(
          name,
          uid,
          condition.getStatus().equals("True") ? Type.Normal : Type.Warning,
          condition.getReason(),
          "Evaluate",
          condition.getType() + " is " + condition.getStatus() + ": " + condition.getMessage());
    }
    store.update(uid, record -> record.with(reported.with(conditions)));
  }

  private boolean isIncomplete(CgroupPolicyStatus status, CgroupPolicyStatus current, Instant now) {
    return now.isBefore(started.plus(STARTUP_GRACE))
        && current != null
        && Objects.equals(current.observedGeneration(), status.observedGeneration())
        && status.conditions().stream()
            .filter(c -> !c.getType().equals("ReportsPublished")) // may take minutes
            .anyMatch(c -> INCOMPLETE.contains(c.getReason()));
  }

  /// Sends its own request because with UpdateControl the SDK takes the next change of the spec for
  /// the echo of this write and can drop it (JOSDK#3398).
  ///
  /// @return false if the write must be retried
  private boolean write(CgroupPolicy policy, CgroupPolicyStatus status, Instant now) {
    var uid = policy.getMetadata().getUid();
    var fresh = new CgroupPolicy();
    fresh.setMetadata(
        new ObjectMetaBuilder().withName(policy.getMetadata().getName()).withUid(uid).build());
    fresh.setStatus(status);
    try {
      client.resource(fresh).subresource("status").patch(APPLY);
      store.update(uid, record -> record.with(new Written(status, now)));
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == 404 || e.getCode() == 409) {
        LOG.debugf("the policy was deleted or recreated: %s", e.getMessage());
        return true;
      }
      if (e.getCode() == 422 || e.getCode() == 500) {
        announce(policy, status.conditions()); // rejected with the stored spec: see SpecReader
      }
      metrics.statusWriteFailed();
      store.update(uid, PolicyRecord::withFailedWrite);
      LOG.logf(
          RetryLog.level(store.get(uid).failedWrites()),
          "the status was not written: %s",
          e.getMessage());
      return false;
    }
  }
}
