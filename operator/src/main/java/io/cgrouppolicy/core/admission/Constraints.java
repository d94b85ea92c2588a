package io.cgrouppolicy.core.admission;

import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/// Checks one container or pod against one LimitRange item like LimitRanger, with its error texts:
/// `minConstraint`, `maxConstraint` and `limitRequestRatioConstraint`.
///
/// @param subject as in [Rejection]
record Constraints(
    LimitRangeItem item, String subject, ResourceList requests, ResourceList limits) {

  void check(List<Rejection> rejections) {
    each(item.getMin(), this::min, rejections);
    each(item.getMax(), this::max, rejections);
    each(item.getMaxLimitRequestRatio(), this::ratio, rejections);
  }

  /// Checks a claim, of which only the request counts.
  void checkClaim(List<Rejection> rejections) {
    each(item.getMin(), this::min, rejections);
    each(item.getMax(), this::maxRequest, rejections);
  }

  private void each(
      Map<String, Quantity> bounds,
      BiFunction<String, CanonicalQuantity, String> constraint,
      List<Rejection> rejections) {
    if (bounds == null) {
      return;
    }
    new TreeMap<>(bounds)
        .forEach(
            (resource, bound) -> {
              var text = constraint.apply(resource, CanonicalQuantity.of(bound));
              if (text != null) {
                rejections.add(new Rejection(Rejection.Kind.LIMIT_RANGE, subject, text));
              }
            });
  }

  private String min(String resource, CanonicalQuantity bound) {
    var numbers = new Numbers(resource, bound);
    var begin = "minimum " + resource + " usage per " + item.getType() + " is " + bound;
    var request = requests.get(resource);
    if (request == null) {
      return begin + ".  No request is specified";
    }
    if (numbers.request < numbers.bound) {
      return begin + ", but request is " + request;
    }
    var limit = limits.get(resource);
    return limit != null && numbers.limit < numbers.bound
        ? begin + ", but limit is " + limit
        : null;
  }

  private String max(String resource, CanonicalQuantity bound) {
    var numbers = new Numbers(resource, bound);
    var begin = "maximum " + resource + " usage per " + item.getType() + " is " + bound;
    var limit = limits.get(resource);
    if (limit == null) {
      return begin + ".  No limit is specified";
    }
    if (numbers.limit > numbers.bound) {
      return begin + ", but limit is " + limit;
    }
    var request = requests.get(resource);
    return request != null && numbers.request > numbers.bound
        ? begin + ", but request is " + request
        : null;
  }

  /// `maxRequestConstraint`.
  private String maxRequest(String resource, CanonicalQuantity bound) {
    var begin = "maximum " + resource + " usage per " + item.getType() + " is " + bound;
    var request = requests.get(resource);
    if (request == null) {
      return begin + ".  No request is specified";
    }
    var numbers = new Numbers(resource, bound);
    return numbers.request > numbers.bound ? begin + ", but request is " + request : null;
  }

  private String ratio(String resource, CanonicalQuantity bound) {
    var numbers = new Numbers(resource, bound);
    var begin = resource + " max limit to request ratio per " + item.getType() + " is " + bound;
    if (numbers.request == 0) {
      return begin + ", but no request is specified or request is 0";
    }
    if (numbers.limit == 0) {
      return begin + ", but no limit is specified or limit is 0";
    }
    // Uses floating point like the server; decimal arithmetic would differ in the last place.
    double ratio = (double) numbers.limit / (double) numbers.request;
    boolean precise = bound.value() <= Numbers.MAX_MILLI_VALUE;
    boolean above =
        precise ? ratio * 1000 > (double) bound.milliValue() : ratio > (double) bound.value();
    return above
        ? begin
            + ", but provided ratio is "
            + new BigDecimal(ratio).setScale(6, RoundingMode.HALF_EVEN).toPlainString()
        : null;
  }

  /// Holds the three values in thousandths if all fit, else in whole units
  /// (`requestLimitEnforcedValues`).
  private final class Numbers {
    static final long MAX_MILLI_VALUE = Long.MAX_VALUE / 1000;

    final long request;
    final long limit;
    final long bound;

    Numbers(String resource, CanonicalQuantity bound) {
      var request = requests.getOrZero(resource);
      var limit = limits.getOrZero(resource);
      boolean precise =
          request.value() <= MAX_MILLI_VALUE
              && limit.value() <= MAX_MILLI_VALUE
              && bound.value() <= MAX_MILLI_VALUE;
      this.request = precise ? request.milliValue() : request.value();
      this.limit = precise ? limit.milliValue() : limit.value();
      this.bound = precise ? bound.milliValue() : bound.value();
    }
  }
}
