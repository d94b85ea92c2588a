package io.cgrouppolicy.shell.policy;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.telemetry.PolicyAnnouncer;
import io.cgrouppolicy.telemetry.PolicyMetrics;
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
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
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
  private final PolicyWaker waker;
  private final PolicyMetrics metrics;
  private final PolicyAnnouncer announcer;
  private final InstantSource clock;
  private final Instant started;

  /// The last status written, until the cache shows it.
  private final Map<String, WrittenStatus> written = new ConcurrentHashMap<>();

  /// Uids of recently deleted policies, because the SDK's cache can show one a little longer.
  private final Set<String> deleted =
      Collections.newSetFromMap(
          Caffeine.newBuilder().maximumSize(1000).<String, Boolean>build().asMap());

  private record WrittenStatus(String uid, CgroupPolicyStatus status, Instant at) {}

  CgroupPolicyReconciler(
      KubernetesClient client,
      ClusterCache cache,
      PolicyScope scope,
      RemedyPublisher remedies,
      PolicyWaker waker,
      PolicyMetrics metrics,
      PolicyAnnouncer announcer,
      InstantSource clock) {
    this.client = client;
    this.cache = cache;
    this.scope = scope;
    this.remedies = remedies;
    this.waker = waker;
    this.metrics = metrics;
    this.announcer = announcer;
    this.clock = clock;
    this.started = clock.instant();
  }

  @Override
  public List<EventSource<?, CgroupPolicy>> prepareEventSources(
      EventSourceContext<CgroupPolicy> context) {
    cache.addListener(
        (before, after) -> {
          if (after == null) {
            policyDeleted(before);
          }
        });
    var source = new PolicyEventSource(cache);
    cache.setPolicyCache(context.getPrimaryCache());
    waker.onWake(source::wake);
    return List.of(source);
  }

  @Override
  public UpdateControl<CgroupPolicy> reconcile(CgroupPolicy policy, Context<CgroupPolicy> context) {
    var name = policy.getMetadata().getName();
    var uid = policy.getMetadata().getUid();
    MDC.put("policy", name);
    try {
      var requeueAfter = deleted.contains(uid) ? null : judge(policy);
      if (deleted.contains(uid)) {
        forget(name); // deleted while being judged: its metrics would stay forever
        return UpdateControl.noUpdate();
      }
      return requeueAfter == null
          ? UpdateControl.noUpdate()
          : UpdateControl.<CgroupPolicy>noUpdate().rescheduleAfter(requeueAfter);
    } finally {
      MDC.remove("policy");
    }
  }

  private void policyDeleted(CompiledPolicy policy) {
    deleted.add(policy.uid());
    forget(policy.name());
  }

  private void forget(String policy) {
    written.remove(policy);
    waker.forget(policy);
    metrics.forget(policy);
    announcer.forget(policy);
    remedies.forget(policy);
  }

  private Duration judge(CgroupPolicy policy) {
    var name = policy.getMetadata().getName();
    var now = clock.instant();
    var current = current(policy, now);
    var compiled = compiled(policy);
    var trouble = cache.trouble();
    var remedyTrouble = remedies.publish(compiled, () -> scope.facts(compiled));
    var result =
        PolicyStatusFactory.create(
            new Input(
                compiled,
                current,
                scope.namespaces(compiled),
                scope.nodes(compiled),
                scope.workloads(compiled),
                trouble,
                remedyTrouble,
                now));
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
    announcer.announce(policy, status);
    if (trouble != null || remedyTrouble != null) {
      return Duration.ofSeconds(2);
    }
    return result.nextExpiry() == null
        ? null
        : Duration.between(now, result.nextExpiry()).plusMillis(10);
  }

  /// The policy as compiled when its change arrived.
  private CompiledPolicy compiled(CgroupPolicy policy) {
    return cache
        .book()
        .find(policy.getMetadata().getName())
        .filter(known -> known.uid().equals(policy.getMetadata().getUid()))
        .filter(known -> known.generation() == policy.getMetadata().getGeneration())
        .orElseGet(() -> CompiledPolicy.of(policy));
  }

  private CgroupPolicyStatus current(CgroupPolicy policy, Instant now) {
    var name = policy.getMetadata().getName();
    var last = written.get(name);
    if (last == null) {
      return policy.getStatus();
    }
    if (!last.uid().equals(policy.getMetadata().getUid())
        || Objects.equals(last.status(), policy.getStatus())
        || last.at().plusSeconds(10).isBefore(now)) {
      written.remove(name);
      return policy.getStatus();
    }
    return last.status();
  }

  private boolean isIncomplete(CgroupPolicyStatus status, CgroupPolicyStatus current, Instant now) {
    return now.isBefore(started.plus(STARTUP_GRACE))
        && current != null
        && Objects.equals(current.observedGeneration(), status.observedGeneration())
        && status.conditions().stream().anyMatch(c -> INCOMPLETE.contains(c.getReason()));
  }

  /// Sends its own request because with UpdateControl the SDK takes the next change of the spec for
  /// the echo of this write and can drop it (JOSDK#3398).
  ///
  /// @return false if the write must be retried
  private boolean write(CgroupPolicy policy, CgroupPolicyStatus status, Instant now) {
    var fresh = new CgroupPolicy();
    fresh.setMetadata(
        new ObjectMetaBuilder()
            .withName(policy.getMetadata().getName())
            .withUid(policy.getMetadata().getUid())
            .build());
    fresh.setStatus(status);
    try {
      client.resource(fresh).subresource("status").patch(APPLY);
      written.put(
          policy.getMetadata().getName(),
          new WrittenStatus(policy.getMetadata().getUid(), status, now));
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == 404 || e.getCode() == 409) {
        LOG.debugf("the policy was deleted or recreated: %s", e.getMessage());
        return true;
      }
      metrics.statusWriteFailed();
      LOG.warnf("the status was not written: %s", e.getMessage());
      return false;
    }
  }
}
