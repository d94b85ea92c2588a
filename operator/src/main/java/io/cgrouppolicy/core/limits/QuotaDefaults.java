package io.cgrouppolicy.core.limits;

import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Finds the resources that a quota requires but no LimitRange defaults. A quota that counts CPU or
/// memory rejects any pod with a container, init containers included, that does not set it
/// (`podEvaluator.Constraints` in `pkg/quota/v1/evaluator/core`, v1.36). Other resources, such as
/// ephemeral storage, may be unset, and pods with pod-level resources are exempt.
public final class QuotaDefaults {
  private static final String LIMITS = "limits.";

  private QuotaDefaults() {}

  /// The resources without a default, sorted, with the quota's names.
  ///
  /// @param limitRanges all LimitRanges of the namespace, completed as the API server stores them
  public static List<String> lacking(
      ResourceQuotaSpec quota, Collection<LimitRangeSpec> limitRanges) {
    return ResourceNames.REQUIRED_BY_QUOTA.stream()
        .filter(quota.getHard()::containsKey)
        .filter(name -> limitRanges.stream().noneMatch(limitRange -> gives(limitRange, name)))
        .sorted()
        .toList();
  }

  private static boolean gives(LimitRangeSpec limitRange, String name) {
    var resource = name.substring(name.indexOf('.') + 1);
    return limitRange.getLimits().stream()
        .filter(item -> "Container".equals(item.getType()))
        .map(name.startsWith(LIMITS) ? LimitRangeItem::getDefault : QuotaDefaults::requests)
        .anyMatch(defaults -> defaults != null && defaults.containsKey(resource));
  }

  private static Map<String, Quantity> requests(LimitRangeItem item) {
    return item.getDefaultRequest();
  }

  /// Describes the pods that a quota applies to: `every pod`, or those in its scopes.
  public static String about(ResourceQuotaSpec quota) {
    var scopes = new TreeSet<String>();
    if (quota.getScopes() != null) {
      scopes.addAll(quota.getScopes());
    }
    if (quota.getScopeSelector() != null
        && quota.getScopeSelector().getMatchExpressions() != null) {
      quota.getScopeSelector().getMatchExpressions().forEach(e -> scopes.add(e.getScopeName()));
    }
    return scopes.isEmpty() ? "every pod" : "every pod of scope " + String.join(", ", scopes);
  }
}
