package io.cgrouppolicy.testing;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    return namedQuota(Child.NAME, policy, owners);
  }

  /// @param name the object's name
  public static ResourceQuota namedQuota(
      String name, CompiledPolicy policy, CompiledPolicy... owners) {
    return new ResourceQuotaBuilder()
        .withMetadata(metadata(policy, owners))
        .editMetadata()
        .withName(name)
        .endMetadata()
        .withSpec(policy.resourceQuotas().get(name))
        .build();
  }

  /// @param quota the quota of the usual name, or null
  /// @param overdue whether it is overdue
  public static Observed observed(
      LimitRange limitRange, ResourceQuota quota, List<LimitRange> others, boolean overdue) {
    return new Observed(
        limitRange,
        quota == null ? Map.of() : Map.of(Child.NAME, quota),
        others,
        overdue ? Set.of(Child.NAME) : Set.of());
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
        .withAnnotations(policy.annotations())
        .withOwnerReferences(
            Stream.of(owners).map(owner -> Child.owner(owner.name(), owner.uid())).toList())
        .build();
  }
}
