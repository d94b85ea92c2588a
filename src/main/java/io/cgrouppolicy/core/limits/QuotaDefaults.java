package io.cgrouppolicy.core.limits;

import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Which resources a quota insists on that no LimitRange gives. A quota that counts CPU or memory
/// refuses each pod of which one container, init containers included, does not set it
/// (`podEvaluator.Constraints` in `pkg/quota/v1/evaluator/core`, v1.36); other resources, such as
/// ephemeral storage, may be left out. A pod with pod-level resources is not asked.
public final class QuotaDefaults {
  private static final String LIMITS = "limits.";

  private QuotaDefaults() {}

  /// The resources, sorted, as the quota names them.
  ///
  /// @param limitRanges all of the namespace, completed as the API server stores them
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

  /// Which pods a quota is about, in words: `every pod`, or those within its scopes.
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
