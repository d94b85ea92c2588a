package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.limits.Child;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The objects in a namespace.
///
/// @param limitRange the LimitRange of our name, or null
/// @param resourceQuotas the ResourceQuotas with names that the operator uses, by name
/// @param otherLimitRanges all other LimitRanges, sorted by name
/// @param overdueQuotas the names of the quotas that the quota controller has not adopted within
///     the grace period: see [QuotaAdoption]
public record Observed(
    LimitRange limitRange,
    Map<String, ResourceQuota> resourceQuotas,
    List<LimitRange> otherLimitRanges,
    Set<String> overdueQuotas) {

  /// @param limitRanges of the namespace
  /// @param quotas of the namespace; those with other names than the operator's are left out
  public static Observed of(Collection<LimitRange> limitRanges, Collection<ResourceQuota> quotas) {
    LimitRange ours = null;
    var others = new ArrayList<LimitRange>();
    for (var limitRange : limitRanges) {
      if (limitRange.getMetadata().getName().equals(Child.NAME)) {
        ours = limitRange;
      } else {
        others.add(limitRange);
      }
    }
    others.sort(Comparator.comparing(other -> other.getMetadata().getName()));
    var byName = new TreeMap<String, ResourceQuota>();
    for (var quota : quotas) {
      if (Child.isQuotaName(quota.getMetadata().getName())) {
        byName.put(quota.getMetadata().getName(), quota);
      }
    }
    return new Observed(ours, byName, others, Set.of());
  }

  Observed withOverdueQuotas(Set<String> names) {
    return new Observed(limitRange, resourceQuotas, otherLimitRanges, names);
  }

  HasMetadata find(Child child) {
    return child.kind() == Child.Kind.LimitRange ? limitRange : resourceQuotas.get(child.name());
  }

  /// Quotas come first: see [QuotaDefaults].
  Stream<Child> children() {
    return Stream.concat(
        resourceQuotas.keySet().stream().map(Child::quota), Stream.of(Child.LIMIT_RANGE));
  }

  /// The specs of all LimitRanges that are not ours, even if one has our name.
  public Map<String, LimitRangeSpec> foreignLimitRanges() {
    var specs = new TreeMap<String, LimitRangeSpec>();
    if (limitRange != null && !Child.isOurs(limitRange)) {
      specs.put(Child.NAME, limitRange.getSpec());
    }
    otherLimitRanges.forEach(other -> specs.put(other.getMetadata().getName(), other.getSpec()));
    return specs;
  }
}
