package io.cgrouppolicy.core.limits;

import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Finds what two LimitRanges of one namespace contradict each other in. The API server checks
/// every object against all LimitRanges, and takes a default from any of them.
public final class LimitRangeClash {
  private LimitRangeClash() {}

  /// Describes the contradictions, worst first; empty if both can apply.
  ///
  /// @param oneName the name of `one` in the descriptions
  /// @param otherName the name of `other` in the descriptions
  public static List<String> between(
      String oneName, LimitRangeSpec one, String otherName, LimitRangeSpec other) {
    var clashes = rejections(oneName, one, otherName, other);
    for (var a : containers(one)) {
      for (var b : containers(other)) {
        differing("default", a.getDefault(), b.getDefault(), oneName, otherName, clashes);
        differing(
            "defaultRequest",
            a.getDefaultRequest(),
            b.getDefaultRequest(),
            oneName,
            otherName,
            clashes);
      }
    }
    return clashes;
  }

  /// Describes the values that reject objects in combination, worst first.
  public static List<String> rejections(
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

  /// Finds defaults that the other's bounds reject. The sum of several containers can reach a pod's
  /// minimum, but one container's default above its maximum is always rejected.
  private static void defaults(
      String name,
      LimitRangeSpec giving,
      String otherName,
      LimitRangeSpec bounding,
      List<String> out) {
    for (var a : containers(giving)) {
      for (var b : items(bounding)) {
        var bounds = new TreeMap<String, Map<String, Quantity>>();
        if ("Pod".equals(b.getType())) {
          bounds.put("above Pod max", b.getMax());
        } else if ("Container".equals(b.getType())) {
          bounds.put("above max", b.getMax());
          bounds.put("above maxLimitRequestRatio x defaultRequest =", allowed(a, b));
          bounds.put("below min", b.getMin());
        }
        bounds.forEach(
            (text, bound) -> {
              boolean low = text.startsWith("below");
              var given = low ? a.getDefaultRequest() : a.getDefault();
              for (var resource : low ? above(bound, given) : above(given, bound)) {
                out.add(
                    "Container %s %s %s of %s is %s %s of %s, so a pod that gets it is rejected"
                        .formatted(
                            low ? "defaultRequest" : "default",
                            resource,
                            given.get(resource),
                            name,
                            text,
                            bound.get(resource),
                            otherName));
              }
            });
      }
    }
  }

  /// The highest limits that the ratio of `bounding` allows with the default requests of `giving`.
  private static Map<String, Quantity> allowed(LimitRangeItem giving, LimitRangeItem bounding) {
    var allowed = new TreeMap<String, Quantity>();
    if (giving.getDefaultRequest() != null && bounding.getMaxLimitRequestRatio() != null) {
      giving
          .getDefaultRequest()
          .forEach(
              (resource, request) -> {
                var ratio = bounding.getMaxLimitRequestRatio().get(resource);
                if (ratio != null) {
                  var limit = Quantities.number(request).multiply(Quantities.number(ratio));
                  allowed.put(resource, new Quantity(limit.toPlainString()));
                }
              });
    }
    return allowed;
  }

  /// Finds defaults of both that differ.
  private static void differing(
      String field,
      Map<String, Quantity> one,
      Map<String, Quantity> other,
      String oneName,
      String otherName,
      List<String> out) {
    if (one == null || other == null) {
      return;
    }
    one.forEach(
        (resource, quantity) -> {
          var another = other.get(resource);
          if (another != null && !another.equals(quantity)) { // numeric
            out.add(
                ("Container %s %s is %s in %s but %s in %s; which one a container gets is not"
                        + " deterministic")
                    .formatted(field, resource, quantity, oneName, another, otherName));
          }
        });
  }

  private static List<LimitRangeItem> containers(LimitRangeSpec spec) {
    return items(spec).stream()
        .filter(item -> "Container".equals(item.getType()))
        .map(LimitRangeRules::complete)
        .toList();
  }

  private static List<LimitRangeItem> items(LimitRangeSpec spec) {
    return spec == null || spec.getLimits() == null ? List.of() : spec.getLimits();
  }

  private static Collection<String> above(Map<String, Quantity> low, Map<String, Quantity> high) {
    return new TreeSet<>(Quantities.above(low, high));
  }
}
