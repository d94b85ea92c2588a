package io.cgrouppolicy.core.kubelet.judge;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.kubelet.Bound;
import io.cgrouppolicy.core.kubelet.Threshold;
import io.cgrouppolicy.core.kubelet.judge.KubeletRule.Subject;
import io.cgrouppolicy.core.limits.Quantities;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Checks `spec.nodes.kubelet.configBounds`, by meaning.
final class BoundsRule {
  /// What the percentages of an eviction signal refer to, if the node reports it.
  private static final Map<String, String> CAPACITIES =
      Map.of(
          "memory.available", "memory",
          "allocatableMemory.available", "memory",
          "nodefs.available", "ephemeral-storage");

  private BoundsRule() {}

  static List<RuleOutcome> judge(Subject subject) {
    var outcomes = new ArrayList<RuleOutcome>();
    for (var bound : Bound.of(subject.required())) {
      var inForce =
          InForce.of(
              subject,
              bound.location().path(),
              bound.field(),
              bound.location().in(subject.config().json()));
      if (inForce.unknown() != null) {
        outcomes.add(inForce.unknown());
      } else if (!bound.oneOf().isEmpty()) {
        outcomes.add(oneOf(bound, inForce));
      } else {
        limit(subject, bound, inForce, bound.least(), true).ifPresent(outcomes::add);
        limit(subject, bound, inForce, bound.most(), false).ifPresent(outcomes::add);
      }
    }
    return outcomes;
  }

  private static RuleOutcome oneOf(Bound bound, InForce inForce) {
    var path = bound.location().path();
    if (bound.oneOf().stream().anyMatch(v -> OtherFieldsRule.equal(path, v, inForce.value()))) {
      return RuleOutcome.SATISFIED;
    }
    var allowed = DisplayText.join(bound.oneOf().stream().map(DisplayText::show).toList(), ", ");
    return violated(bound, inForce, "one of " + allowed, "one of " + allowed);
  }

  private static Optional<RuleOutcome> limit(
      Subject subject, Bound bound, InForce inForce, JsonNode limit, boolean least) {
    if (limit == null) {
      return Optional.empty();
    }
    var required = bound.size(limit);
    var found = bound.size(inForce.value());
    if (required.isEmpty() || found.isEmpty()) {
      return Optional.of(
          new RuleOutcome.Unknown(
              "InvalidConfig",
              bound.field() + ": " + DisplayText.show(limit) + " is not a bound for this field"));
    }
    var order = compare(found.get(), required.get(), capacity(subject, bound));
    if (order.isEmpty()) {
      return Optional.of(
          new RuleOutcome.Unknown(
              "CapacityUnknown",
              bound.field()
                  + " is "
                  + inForce.shown()
                  + ", which cannot be compared with "
                  + DisplayText.show(limit)
                  + " because the node does not report the capacity"));
    }
    return Optional.of(
        least && order.get() >= 0 || !least && order.get() <= 0
            ? RuleOutcome.SATISFIED
            : violated(
                bound,
                inForce,
                (least ? ">= " : "<= ") + DisplayText.show(limit),
                (least ? "at least " : "at most ") + DisplayText.show(limit)));
  }

  private static RuleOutcome violated(
      Bound bound, InForce inForce, String expected, String requirement) {
    return new RuleOutcome.Violated(
        bound.field() + " " + expected,
        bound.field() + " = " + inForce.shown(),
        bound.field() + " is " + inForce.shown() + ", but the policy requires " + requirement);
  }

  private static Optional<BigDecimal> capacity(Subject subject, Bound bound) {
    var resource = CAPACITIES.get(bound.location().names().getLast());
    return Optional.ofNullable(resource)
        .map(subject.node().capacity()::get)
        .map(Quantities::number);
  }

  /// Empty if a percentage and an amount cannot be compared.
  private static Optional<Integer> compare(
      Threshold a, Threshold b, Optional<BigDecimal> capacity) {
    boolean comparable =
        a.percent() == b.percent() || a.value().signum() == 0 || b.value().signum() == 0;
    return comparable
        ? Optional.of(a.value().compareTo(b.value()))
        : capacity.map(whole -> a.of(whole).compareTo(b.of(whole)));
  }
}
