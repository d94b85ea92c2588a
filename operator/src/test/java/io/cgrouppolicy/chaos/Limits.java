package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.LimitRangeTemplate;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// An item of a LimitRange as the API server stores it: it completes the defaults of type Container
/// with the bounds. The quantities are equal if their values are.
///
/// @param limits the default limits
/// @param requests the default requests
record Limits(
    String type,
    Map<String, BigDecimal> max,
    Map<String, BigDecimal> min,
    Map<String, BigDecimal> limits,
    Map<String, BigDecimal> requests,
    Map<String, BigDecimal> ratio) {

  Limits {
    if (type.equals("Container")) {
      max.forEach(limits::putIfAbsent);
      limits.forEach(requests::putIfAbsent);
      min.forEach(requests::putIfAbsent);
    }
  }

  /// Of the LimitRange that a policy describes; empty if it has none.
  static List<Limits> of(CgroupPolicy policy) {
    var spec = policy.getSpec().namespaces();
    return spec == null || spec.limitRange() == null ? List.of() : of(spec.limitRange());
  }

  static List<Limits> of(LimitRangeTemplate template) {
    return template.limits().stream()
        .map(
            item ->
                new Limits(
                    item.type(),
                    numbers(item.max()),
                    numbers(item.min()),
                    numbers(item.defaultLimit()),
                    numbers(item.defaultRequest()),
                    numbers(item.maxLimitRequestRatio())))
        .toList();
  }

  static List<Limits> of(LimitRange stored) {
    return stored.getSpec().getLimits().stream()
        .map(
            item ->
                new Limits(
                    item.getType(),
                    numbers(item.getMax()),
                    numbers(item.getMin()),
                    numbers(item.getDefault()),
                    numbers(item.getDefaultRequest()),
                    numbers(item.getMaxLimitRequestRatio())))
        .toList();
  }

  static Map<String, BigDecimal> numbers(Map<String, Quantity> quantities) {
    var numbers = new HashMap<String, BigDecimal>();
    Objects.requireNonNullElse(quantities, Map.<String, Quantity>of())
        .forEach((name, quantity) -> numbers.put(name, number(quantity)));
    return numbers;
  }

  /// Without trailing zeros, so that equal values are equal objects.
  static BigDecimal number(Quantity quantity) {
    return quantity.getNumericalAmount().stripTrailingZeros();
  }

  boolean isOf(String name) {
    return type.equals(name);
  }

  /// Whether both give a container a default limit, and not the same.
  boolean contradicts(Limits other) {
    return isOf("Container")
        && other.isOf("Container")
        && limits.entrySet().stream()
            .anyMatch(
                limit ->
                    !other
                        .limits
                        .getOrDefault(limit.getKey(), limit.getValue())
                        .equals(limit.getValue()));
  }
}
