package io.cgrouppolicy.core.limits;

import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate;
import io.cgrouppolicy.core.check.Problem;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Finds defaults and bounds of containers that contradict the bounds of pods, so that LimitRanger
/// rejects every pod that relies on the defaults. The server checks each entry by itself.
final class PodBounds {
  private PodBounds() {}

  /// @param template without problems in its entries
  static void problems(String field, LimitRangeTemplate template, List<Problem> problems) {
    var items = LimitRangeRules.complete(template).getLimits();
    for (int i = 0; i < items.size(); i++) {
      for (var pod : items) {
        var container = items.get(i);
        if (!container.getType().equals("Container") || !pod.getType().equals("Pod")) {
          continue;
        }
        var at = field + ".limits[" + i + "]";
        within(at + ".min", container.getMin(), pod.getMax(), problems);
        within(at + ".default", container.getDefault(), pod.getMax(), problems);
        each(pod.getMaxLimitRequestRatio())
            .forEach(
                (resource, ratio) -> {
                  var limit = LimitRangeRules.value(container.getDefault(), resource);
                  var request = LimitRangeRules.value(container.getDefaultRequest(), resource);
                  if (limit != null
                      && request != null
                      && limit.compareTo(Quantities.number(ratio).multiply(request)) > 0) {
                    problems.add(
                        new Problem(
                            at + ".default[" + resource + "]",
                            "is more than %s times defaultRequest, the maxLimitRequestRatio of type Pod"
                                .formatted(ratio)));
                  }
                });
      }
    }
  }

  private static void within(
      String at, Map<String, Quantity> values, Map<String, Quantity> max, List<Problem> problems) {
    for (var resource : new TreeSet<>(Quantities.above(values, max))) {
      problems.add(
          new Problem(
              at + "[" + resource + "]",
              values.get(resource) + " is above max " + max.get(resource) + " of type Pod"));
    }
  }

  private static Map<String, Quantity> each(Map<String, Quantity> map) {
    return map == null ? Map.of() : new TreeMap<>(map);
  }
}
