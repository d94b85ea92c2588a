package io.cgrouppolicy.shell.policy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.util.Set;

/// Passes policy changes to the cache before the SDK filters and reconciles them, and triggers the
/// reconciliation of a policy whose verdicts changed.
final class PolicyEventSource extends AbstractEventSource<Void, CgroupPolicy>
    implements ResourceEventAware<CgroupPolicy> {
  private final ClusterCache cache;

  PolicyEventSource(ClusterCache cache) {
    super(Void.class, "verdicts");
    this.cache = cache;
  }

  void wake(String policy) {
    if (isRunning()) {
      getEventHandler().handleEvent(new Event(new ResourceID(policy)));
    }
  }

  @Override
  public void onResourceCreated(CgroupPolicy policy) {
    cache.policyApplied(policy);
  }

  @Override
  public void onResourceUpdated(CgroupPolicy policy, CgroupPolicy before) {
    cache.policyApplied(policy);
  }

  @Override
  public void onResourceDeleted(CgroupPolicy policy) {
    cache.policyDeleted(policy.getMetadata().getName());
  }

  @Override
  public Set<Void> getSecondaryResources(CgroupPolicy primary) {
    return Set.of();
  }
}
