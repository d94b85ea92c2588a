package io.cgrouppolicy.shell.namespace;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.namespace.NamespaceRecord;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.shell.pods.WorkloadReviewer;
import io.fabric8.kubernetes.api.model.Namespace;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.Collection;
import java.util.Set;

/// Triggers the reconciliation of a namespace when one of its objects or its selecting policies
/// change, and drops its state when it is deleted.
final class NamespaceEventSource extends SimpleInboundEventSource<Namespace>
    implements ClusterCache.Listener, ResourceEventAware<Namespace> {
  private final ClusterCache cache;
  private final ObjectStore<NamespaceRecord> store;
  private final IndexerResourceCache<Namespace> namespaces;
  private final PolicyWaker waker;
  private final WorkloadReviewer workloads;

  NamespaceEventSource(
      ClusterCache cache,
      ObjectStore<NamespaceRecord> store,
      IndexerResourceCache<Namespace> namespaces,
      PolicyWaker waker,
      WorkloadReviewer workloads) {
    super("children-and-policies");
    this.cache = cache;
    this.store = store;
    this.namespaces = namespaces;
    this.waker = waker;
    this.workloads = workloads;
  }

  @Override
  public void start() {
    super.start();
    cache.start(namespaces, this);
  }

  @Override
  public void stop() {
    super.stop();
    cache.stop();
  }

  void wake(String namespace) {
    propagateEvent(new ResourceID(namespace));
  }

  /// @return false if the namespace does not exist
  boolean wakeIfExists(String namespace) {
    boolean exists = cache.hasNamespace(namespace);
    if (exists) {
      wake(namespace);
    }
    return exists;
  }

  @Override
  public void childChanged(String namespace) {
    wake(namespace);
  }

  /// Ignores adoption, the usual case, unless a finding reports the quota as not effective.
  @Override
  public void quotaStatusChanged(String namespace, boolean adopted) {
    if (!adopted || isReportedNotEffective(namespace)) {
      wake(namespace);
    }
  }

  private boolean isReportedNotEffective(String namespace) {
    return store.get(namespace).verdicts().values().stream()
        .flatMap(verdict -> verdict.findings().stream())
        .anyMatch(finding -> finding.check() == Check.ResourceQuotaNotEffective);
  }

  /// The SDK calls this for all namespace events, before it filters and reconciles them.
  @Override
  public void onResourceCreated(Namespace namespace) {
    onResourceUpdated(namespace, null);
  }

  @Override
  public void onResourceUpdated(Namespace namespace, Namespace before) {
    if (namespace.getMetadata().getDeletionTimestamp() == null) {
      cache.namespaceChanged(namespace);
    } else {
      forget(namespace.getMetadata().getName());
    }
  }

  @Override
  public void onResourceDeleted(Namespace namespace) {
    forget(namespace.getMetadata().getName());
  }

  private void forget(String name) {
    cache.namespaceGone(name);
    store.remove(name);
    workloads.forget(name);
  }

  /// Wakes the affected namespaces and all with a verdict of the policy, whose objects may have to
  /// be removed. If the policy was invalid before, wakes all namespaces: it may have held back the
  /// objects of other policies.
  @Override
  public void policyChanged(
      CompiledPolicy before, CompiledPolicy after, Collection<String> affected) {
    affected.forEach(this::wake);
    var name = after == null ? before.name() : after.name();
    var woken = Set.copyOf(affected);
    if (before != null && !before.valid()) {
      namespaces
          .list()
          .map(namespace -> namespace.getMetadata().getName())
          .filter(namespace -> !woken.contains(namespace))
          .forEach(this::wake);
      return;
    }
    store
        .all()
        .forEach(
            (namespace, record) -> {
              if (!woken.contains(namespace) && record.verdicts().containsKey(name)) {
                wake(namespace);
              }
            });
  }

  @Override
  public void viewChanged() {
    waker.wakeAll();
  }
}
