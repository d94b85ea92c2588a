package io.cgrouppolicy.core.limits;

import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Finds values in two LimitRanges of one namespace that reject objects in combination. The API
/// server checks every object against all LimitRanges.
public final class LimitRangeClash {
  private LimitRangeClash() {}

  /// Describes the conflicts, worst first; empty if objects can satisfy both.
  ///
  /// @param oneName the name of `one` in the descriptions
  /// @param otherName the name of `other` in the descriptions
  public static List<String> between(
      String oneName, LimitRangeSpec one, String otherName, LimitRangeSpec other) {
    var clashes = new ArrayList<String>();
    bounds(oneName, one, otherName, other, clashes);
    bounds(otherName, other, oneName, one, clashes);
    defaults(oneName, one, otherName, other, clashes);
    defaults(otherName, other, oneName, one, clashes);
    return clashes;
  }

  /// Finds minimums above the maximum of the other. A container's minimum must not exceed its pod's
  /// maximum either.
  private static void bounds(
      String lowName, LimitRangeSpec low, String highName, LimitRangeSpec high, List<String> out) {
    for (var a : items(low)) {
      for (var b : items(high)) {
        boolean meet =
            a.getType().equals(b.getType())
                || "Container".equals(a.getType()) && "Pod".equals(b.getType());
        if (!meet) {
          continue;
        }
        for (var resource : above(a.getMin(), b.getMax())) {
          out.add(
              "min %s %s per %s of %s is above max %s per %s of %s, so no %s is admitted"
                  .formatted(
                      resource,
                      a.getMin().get(resource),
                      a.getType(),
                      lowName,
                      b.getMax().get(resource),
                      b.getType(),
                      highName,
                      "Container".equals(a.getType()) ? "pod" : a.getType()));
        }
      }
    }
  }

  private static void defaults(
      String name,
      LimitRangeSpec giving,
      String otherName,
      LimitRangeSpec bounding,
      List<String> out) {
    for (var a : items(giving)) {
      for (var b : items(bounding)) {
        if (!"Container".equals(a.getType()) || !"Container".equals(b.getType())) {
          continue;
        }
        for (var resource : above(a.getDefault(), b.getMax())) {
          out.add(
              "default %s %s of %s is above max %s of %s, so a pod that gets it is rejected"
                  .formatted(
                      resource,
                      a.getDefault().get(resource),
                      name,
                      b.getMax().get(resource),
                      otherName));
        }
        for (var resource : above(b.getMin(), a.getDefaultRequest())) {
          out.add(
              "defaultRequest %s %s of %s is below min %s of %s, so a pod that gets it is rejected"
                  .formatted(
                      resource,
                      a.getDefaultRequest().get(resource),
                      name,
                      b.getMin().get(resource),
                      otherName));
        }
      }
    }
  }

  private static List<LimitRangeItem> items(LimitRangeSpec spec) {
    return spec == null || spec.getLimits() == null ? List.of() : spec.getLimits();
  }

  /// The resources that both have and for which the first value is above the second.
  private static Iterable<String> above(Map<String, Quantity> low, Map<String, Quantity> high) {
    var names = new TreeSet<String>();
    if (low != null && high != null) {
      low.forEach(
          (name, quantity) -> {
            var bound = high.get(name);
            if (bound != null
                && Quantities.number(quantity).compareTo(Quantities.number(bound)) > 0) {
              names.add(name);
            }
          });
    }
    return names;
  }
}
