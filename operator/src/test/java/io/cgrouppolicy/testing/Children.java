package io.cgrouppolicy.testing;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.util.stream.Stream;

/// The LimitRange and ResourceQuota of a namespace as stored after a policy created them.
public final class Children {
  public static final String NAMESPACE = "a";

  private Children() {}

  /// @param owners the policies that own it
  public static LimitRange limitRange(CompiledPolicy policy, CompiledPolicy... owners) {
    return new LimitRangeBuilder()
        .withMetadata(metadata(policy, owners))
        .withSpec(policy.limitRange())
        .build();
  }

  public static ResourceQuota quota(CompiledPolicy policy, CompiledPolicy... owners) {
    return new ResourceQuotaBuilder()
        .withMetadata(metadata(policy, owners))
        .withSpec(policy.resourceQuota())
        .build();
  }

  /// A LimitRange without any mark of the operator.
  public static LimitRange foreign(String name, String resourceVersion) {
    return new LimitRangeBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(NAMESPACE)
        .withUid("foreign")
        .withResourceVersion(resourceVersion)
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .build();
  }

  private static ObjectMeta metadata(CompiledPolicy policy, CompiledPolicy... owners) {
    return new ObjectMetaBuilder()
        .withName(Child.NAME)
        .withNamespace(NAMESPACE)
        .withUid("child")
        .withResourceVersion("1")
        .withLabels(Child.labels(policy.name()))
        .withOwnerReferences(
            Stream.of(owners).map(owner -> Child.owner(owner.name(), owner.uid())).toList())
        .build();
  }
}
