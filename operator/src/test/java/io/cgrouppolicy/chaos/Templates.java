package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The objects that a policy describes, and whether a stored object is one of them.
final class Templates {
  static final String LIMIT_RANGE = "LimitRange cgroup-policy";

  private Templates() {}

  /// The templates of a policy's objects, as `KIND NAME`.
  static Map<String, Object> of(CgroupPolicy policy) {
    var templates = new TreeMap<String, Object>(quotas(policy));
    var spec = policy.getSpec().namespaces();
    if (spec != null && spec.limitRange() != null) {
      templates.put(LIMIT_RANGE, spec.limitRange());
    }
    return templates;
  }

  static Map<String, ResourceQuotaTemplate> quotas(CgroupPolicy policy) {
    var quotas = new TreeMap<String, ResourceQuotaTemplate>();
    var spec = policy.getSpec().namespaces();
    if (spec != null) {
      if (spec.resourceQuota() != null) {
        quotas.put("ResourceQuota cgroup-policy", spec.resourceQuota());
      }
      for (var quota : spec.namedQuotas()) {
        quotas.put("ResourceQuota cgroup-policy-" + quota.name(), quota.template());
      }
    }
    return quotas;
  }

  static boolean matches(Object template, HasMetadata stored) {
    return switch (stored) {
      case LimitRange limitRange ->
          Set.copyOf(Limits.of((LimitRangeTemplate) template))
              .equals(Set.copyOf(Limits.of(limitRange)));
      case ResourceQuota quota -> matches((ResourceQuotaTemplate) template, quota);
      default -> throw new IllegalArgumentException(stored.getKind());
    };
  }

  private static boolean matches(ResourceQuotaTemplate template, ResourceQuota stored) {
    var expected =
        template.scopeSelector() == null || template.scopeSelector().matchExpressions() == null
            ? Stream.<Object>of()
            : template.scopeSelector().matchExpressions().stream()
                .map(e -> List.of(e.scopeName(), e.operator(), set(e.values())));
    var selector = stored.getSpec().getScopeSelector();
    var found =
        selector == null
            ? Stream.<Object>of()
            : selector.getMatchExpressions().stream()
                .map(e -> List.of(e.getScopeName(), e.getOperator(), set(e.getValues())));
    return Limits.numbers(template.hard()).equals(Limits.numbers(stored.getSpec().getHard()))
        && set(template.scopes()).equals(set(stored.getSpec().getScopes()))
        && expected.collect(Collectors.toSet()).equals(found.collect(Collectors.toSet()));
  }

  private static Set<String> set(List<String> list) {
    return new HashSet<>(Objects.requireNonNullElse(list, List.of()));
  }
}
