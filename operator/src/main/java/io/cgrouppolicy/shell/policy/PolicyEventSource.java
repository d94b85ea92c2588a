package io.cgrouppolicy.shell.policy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;

/// Passes policy changes to the cache before the SDK filters and reconciles them, and triggers the
/// reconciliation of a policy whose verdicts changed.
final class PolicyEventSource extends SimpleInboundEventSource<CgroupPolicy>
    implements ResourceEventAware<CgroupPolicy> {
  private final ClusterCache cache;

  PolicyEventSource(ClusterCache cache) {
    super("verdicts");
    this.cache = cache;
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
    cache.policyDeleted(policy.getMetadata().getName(), policy.getMetadata().getUid());
  }
}
