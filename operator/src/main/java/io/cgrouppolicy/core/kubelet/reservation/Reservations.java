package io.cgrouppolicy.core.kubelet.reservation;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.Preset;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.ReservationFormula;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.ResourceFormula;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.Tier;
import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.policy.FormulaRules;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Evaluates the formulas of a policy for a node. Amounts are rounded down to whole millicores, MiB
/// and PIDs, as node images do.
public final class Reservations {
  private static final BigDecimal MIB = BigDecimal.valueOf(1L << 20);
  private static final BigDecimal GIB = BigDecimal.valueOf(1L << 30);

  private Reservations() {}

  /// The kubelet settings with quantities in place of formulas. Of a resource with both, the larger
  /// amount remains.
  ///
  /// @param spec `spec.nodes.kubelet`, or null
  public static KubeletSpec resolve(KubeletSpec spec, NodeSize size) {
    if (spec == null || !hasFormula(spec)) {
      return spec;
    }
    return new KubeletSpec(
        spec.cgroupDriver(),
        spec.enforceNodeAllocatable(),
        larger(spec.systemReserved(), spec.systemReservedFormula(), size),
        null,
        spec.systemReservedCgroup(),
        larger(spec.kubeReserved(), spec.kubeReservedFormula(), size),
        null,
        spec.kubeReservedCgroup(),
        spec.podPidsLimit(),
        spec.config(),
        spec.configBounds());
  }

  public static boolean hasFormula(KubeletSpec spec) {
    return spec.systemReservedFormula() != null || spec.kubeReservedFormula() != null;
  }

  private static Map<String, Quantity> larger(
      Map<String, Quantity> plain, ReservationFormula formula, NodeSize size) {
    if (formula == null) {
      return plain;
    }
    var amounts = plain == null ? new TreeMap<String, Quantity>() : new TreeMap<>(plain);
    amounts(formula, size)
        .forEach(
            (resource, amount) ->
                amount.ifPresent(a -> amounts.merge(resource, a, Reservations::larger)));
    return amounts;
  }

  private static Quantity larger(Quantity plain, Quantity computed) {
    var amount = Quantities.parse(plain.toString());
    return amount.isPresent() && amount.get().compareTo(Quantities.number(computed)) < 0
        ? computed
        : plain;
  }

  /// What a formula reserves, by resource. Empty amounts are those for which the node does not
  /// report its capacity.
  public static Map<String, Optional<Quantity>> amounts(ReservationFormula formula, NodeSize size) {
    var formulas = new TreeMap<String, ResourceFormula>();
    var preset = formula.preset();
    if (preset != null) {
      formulas.putAll(Presets.of(preset, size));
    }
    var own = formula.resources() == null ? Map.<String, ResourceFormula>of() : formula.resources();
    formulas.putAll(own);
    var amounts = new TreeMap<String, Optional<Quantity>>();
    formulas.forEach(
        (resource, each) -> {
          boolean rounds = preset == Preset.OpenShift && !own.containsKey(resource);
          amounts.put(
              resource, rounds ? openShift(resource, each, size) : plain(resource, each, size));
        });
    return amounts;
  }

  private static Optional<Quantity> plain(String resource, ResourceFormula formula, NodeSize size) {
    return amount(formula, size.of(resource), size).map(amount -> quantity(resource, amount));
  }

  /// The script of OpenShift sees whole GiB (`free -g`), and rounds to whole GiB and hundredths of
  /// a CPU.
  private static Optional<Quantity> openShift(
      String resource, ResourceFormula formula, NodeSize size) {
    boolean cpu = resource.equals("cpu");
    var capacity =
        size.of(resource).map(amount -> cpu ? amount : multiple(amount, GIB, RoundingMode.DOWN));
    var unit = cpu ? new BigDecimal("0.01") : GIB;
    return amount(formula, capacity, size)
        .map(amount -> quantity(resource, multiple(amount, unit, RoundingMode.HALF_UP)));
  }

  private static BigDecimal multiple(BigDecimal amount, BigDecimal unit, RoundingMode mode) {
    return amount.divide(unit, 0, mode).multiply(unit);
  }

  private static Optional<BigDecimal> amount(
      ResourceFormula formula, Optional<BigDecimal> capacity, NodeSize size) {
    var tiers = formula.tiers() == null ? List.<Tier>of() : formula.tiers();
    if (FormulaRules.isRelative(formula) && capacity.isEmpty()
        || formula.perCore() != null && size.of("cpu").isEmpty()) {
      return Optional.empty();
    }
    var of = capacity.orElse(BigDecimal.ZERO);
    var sum =
        number(formula.base())
            .add(number(formula.perPod()).multiply(BigDecimal.valueOf(size.maxPods())))
            .add(number(formula.perCore()).multiply(size.of("cpu").orElse(BigDecimal.ZERO)))
            .add(percent(of, formula.percent()));
    var from = BigDecimal.ZERO;
    for (var tier : tiers) {
      var to = tier.upTo() == null ? of : of.min(number(tier.upTo()));
      sum = sum.add(percent(to.subtract(from).max(BigDecimal.ZERO), tier.percent()));
      from = to.max(from);
    }
    if (formula.atMostPercent() != null) {
      sum = sum.min(percent(of, formula.atMostPercent()));
    }
    if (formula.atMost() != null) {
      sum = sum.min(number(formula.atMost()));
    }
    return Optional.of(sum.max(number(formula.atLeast())));
  }

  private static BigDecimal percent(BigDecimal amount, Double percent) {
    return percent == null
        ? BigDecimal.ZERO
        : amount.multiply(BigDecimal.valueOf(percent)).movePointLeft(2);
  }

  private static BigDecimal number(Quantity quantity) {
    return quantity == null ? BigDecimal.ZERO : Quantities.number(quantity);
  }

  private static Quantity quantity(String resource, BigDecimal amount) {
    return new Quantity(
        switch (resource) {
          case "cpu" -> amount.movePointRight(3).setScale(0, RoundingMode.DOWN) + "m";
          case "pid" -> amount.setScale(0, RoundingMode.DOWN).toPlainString();
          default -> amount.divide(MIB, 0, RoundingMode.DOWN).toPlainString() + "Mi";
        });
  }
}
