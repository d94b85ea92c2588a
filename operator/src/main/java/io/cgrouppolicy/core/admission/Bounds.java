package io.cgrouppolicy.core.admission;

import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/// What the LimitRanges of a namespace together allow of one resource. Each is null if nothing
/// bounds it.
///
/// @param min of requests and limits
/// @param max of requests and limits
/// @param ratio of limit to request
record Bounds(CanonicalQuantity min, CanonicalQuantity max, CanonicalQuantity ratio) {
  private static final Comparator<CanonicalQuantity> SIZE = Comparator.naturalOrder();

  /// What people write: whole mebibytes and thousandths of a CPU.
  private static final BigDecimal MEBIBYTE = BigDecimal.valueOf(1024 * 1024);

  static Bounds of(List<LimitRangeSpec> specs, String type, String resource) {
    return new Bounds(
        amounts(specs, type, LimitRangeItem::getMin, resource).max(SIZE).orElse(null),
        amounts(specs, type, LimitRangeItem::getMax, resource).min(SIZE).orElse(null),
        amounts(specs, type, LimitRangeItem::getMaxLimitRequestRatio, resource)
            .min(SIZE)
            .orElse(null));
  }

  /// The resources that entries of this type bound.
  static Set<String> names(List<LimitRangeSpec> specs, String type) {
    var names = new TreeSet<String>();
    items(specs, type)
        .flatMap(i -> Stream.of(i.getMin(), i.getMax(), i.getMaxLimitRequestRatio()))
        .filter(map -> map != null)
        .forEach(map -> names.addAll(map.keySet()));
    return names;
  }

  private static Stream<LimitRangeItem> items(List<LimitRangeSpec> specs, String type) {
    return specs.stream()
        .flatMap(spec -> spec.getLimits().stream())
        .filter(item -> item.getType().equals(type));
  }

  private static Stream<CanonicalQuantity> amounts(
      List<LimitRangeSpec> specs,
      String type,
      Function<LimitRangeItem, Map<String, Quantity>> of,
      String resource) {
    return items(specs, type)
        .map(of)
        .filter(map -> map != null && map.get(resource) != null)
        .map(map -> CanonicalQuantity.of(map.get(resource)));
  }

  /// The nearest limit in bounds; null if there is none and none is required.
  CanonicalQuantity limit(CanonicalQuantity limit) {
    if (max != null && (limit == null || limit.compareTo(max) > 0)) {
      return max;
    }
    return min != null && limit != null && limit.compareTo(min) < 0 ? min : limit;
  }

  /// The nearest request in bounds; null if there is none and none is required.
  CanonicalQuantity request(CanonicalQuantity request) {
    if (min != null && (request == null || request.compareTo(min) < 0)) {
      return min;
    }
    return max != null && request != null && request.compareTo(max) > 0 ? max : request;
  }

  /// The largest limit for a request.
  CanonicalQuantity largestLimit(CanonicalQuantity request) {
    return limit(
        CanonicalQuantity.of(
            new Quantity(request.number().multiply(ratio.number()).toPlainString())));
  }

  /// The request, or a higher one if the ratio requires it.
  CanonicalQuantity atRatio(String resource, CanonicalQuantity request, CanonicalQuantity limit) {
    if (ratio == null || limit == null || ratio.isZero()) {
      return request;
    }
    if (request != null
        && !request.isZero()
        && request.number().multiply(ratio.number()).compareTo(limit.number()) >= 0) {
      return request;
    }
    var least = limit.number().divide(ratio.number(), 9, RoundingMode.UP);
    var rounded = roundUp(resource, least);
    return rounded.compareTo(limit) > 0 ? limit : rounded;
  }

  /// A value in bounds for a container that has none.
  CanonicalQuantity example(String resource) {
    if (min != null && !min.isZero()) {
      return min;
    }
    var usual = CanonicalQuantity.of(new Quantity(resource.equals("cpu") ? "100m" : "128Mi"));
    return max != null && max.compareTo(usual) < 0 ? max : usual;
  }

  static CanonicalQuantity roundUp(String resource, BigDecimal number) {
    return rounded(resource, number, RoundingMode.UP);
  }

  static CanonicalQuantity roundDown(String resource, BigDecimal number) {
    return rounded(resource, number, RoundingMode.DOWN);
  }

  private static CanonicalQuantity rounded(String resource, BigDecimal number, RoundingMode mode) {
    if (resource.equals("cpu")) {
      return of(number.movePointRight(3).setScale(0, mode) + "m");
    }
    return isBytes(resource)
        ? of(number.divide(MEBIBYTE, 0, mode) + "Mi")
        : of(number.setScale(0, mode).toPlainString());
  }

  private static boolean isBytes(String resource) {
    return resource.equals("memory")
        || resource.equals("ephemeral-storage")
        || PodResources.isHugePages(resource);
  }

  private static CanonicalQuantity of(String text) {
    return CanonicalQuantity.of(new Quantity(text));
  }
}
