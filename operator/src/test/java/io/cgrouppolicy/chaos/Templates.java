package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.math.BigDecimal;
import java.util.HashMap;
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
  private Templates() {}

  /// The templates of a policy's objects, as `KIND NAME`.
  static Map<String, Object> of(CgroupPolicy policy) {
    var spec = policy.getSpec().namespaces();
    var templates = new TreeMap<String, Object>();
    if (spec.limitRange() != null) {
      templates.put("LimitRange cgroup-policy", spec.limitRange());
    }
    if (spec.resourceQuota() != null) {
      templates.put("ResourceQuota cgroup-policy", spec.resourceQuota());
    }
    for (var quota : spec.namedQuotas()) {
      templates.put("ResourceQuota cgroup-policy-" + quota.name(), quota.template());
    }
    return templates;
  }

  static boolean matches(Object template, HasMetadata stored) {
    return switch (stored) {
      case LimitRange limitRange -> matches((LimitRangeTemplate) template, limitRange);
      case ResourceQuota quota -> matches((ResourceQuotaTemplate) template, quota);
      default -> throw new IllegalArgumentException(stored.getKind());
    };
  }

  private static boolean matches(LimitRangeTemplate template, LimitRange stored) {
    var byType =
        stored.getSpec().getLimits().stream()
            .collect(Collectors.toMap(LimitRangeItem::getType, item -> item));
    return byType.size() == template.limits().size()
        && template.limits().stream()
            .allMatch(
                item -> byType.containsKey(item.type()) && matches(item, byType.get(item.type())));
  }

  /// Whether another LimitRange gives a container another default limit than the policy's.
  static boolean otherDefaults(CgroupPolicy policy, LimitRange other) {
    return policy.getSpec().namespaces().limitRange().limits().stream()
        .filter(item -> item.type().equals("Container"))
        .anyMatch(
            item -> {
              var defaults = new HashMap<String, Quantity>();
              Stream.of(item.max(), item.defaultLimit())
                  .filter(Objects::nonNull)
                  .forEach(defaults::putAll);
              return other.getSpec().getLimits().stream()
                  .filter(found -> found.getType().equals("Container"))
                  .filter(found -> found.getDefault() != null)
                  .flatMap(found -> found.getDefault().entrySet().stream())
                  .anyMatch(
                      found ->
                          defaults.containsKey(found.getKey())
                              && number(defaults.get(found.getKey()))
                                      .compareTo(number(found.getValue()))
                                  != 0);
            });
  }

  /// The API server completes the defaults of an item of type Container with its bounds.
  private static boolean matches(LimitRangeTemplate.Item item, LimitRangeItem stored) {
    boolean completes = item.type().equals("Container");
    var limits = completes ? keys(item.max()) : Set.<String>of();
    var requests = completes ? keys(item.max(), item.defaultLimit(), item.min()) : Set.<String>of();
    return same(item.max(), stored.getMax(), Set.of())
        && same(item.min(), stored.getMin(), Set.of())
        && same(item.maxLimitRequestRatio(), stored.getMaxLimitRequestRatio(), Set.of())
        && same(item.defaultLimit(), stored.getDefault(), limits)
        && same(item.defaultRequest(), stored.getDefaultRequest(), requests);
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
    return same(template.hard(), stored.getSpec().getHard(), Set.of())
        && set(template.scopes()).equals(set(stored.getSpec().getScopes()))
        && expected.collect(Collectors.toSet()).equals(found.collect(Collectors.toSet()));
  }

  private static Set<String> set(List<String> list) {
    return list == null ? Set.of() : new HashSet<>(list);
  }

  @SafeVarargs
  private static Set<String> keys(Map<String, Quantity>... maps) {
    return Stream.of(maps)
        .filter(Objects::nonNull)
        .flatMap(map -> map.keySet().stream())
        .collect(Collectors.toSet());
  }

  /// Whether two maps are equal by value.
  ///
  /// @param more keys that the stored map may have in addition
  private static boolean same(
      Map<String, Quantity> expected, Map<String, Quantity> stored, Set<String> more) {
    var left = stored == null ? new HashMap<String, Quantity>() : new HashMap<>(stored);
    for (var entry : (expected == null ? Map.<String, Quantity>of() : expected).entrySet()) {
      var value = left.remove(entry.getKey());
      if (value == null || number(value).compareTo(number(entry.getValue())) != 0) {
        return false;
      }
    }
    return more.containsAll(left.keySet());
  }

  private static BigDecimal number(Quantity quantity) {
    return quantity.getNumericalAmount();
  }
}
