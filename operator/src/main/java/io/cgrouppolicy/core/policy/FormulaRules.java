package io.cgrouppolicy.core.policy;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.ReservationFormula;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.ResourceFormula;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.Tier;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Rejects formulas for reservations that have no meaning.
public final class FormulaRules {
  private FormulaRules() {}

  static void check(String at, ReservationFormula formula, List<Problem> problems) {
    if (formula == null) {
      return;
    }
    var resources = formula.resources();
    if (formula.preset() == null && (resources == null || resources.isEmpty())) {
      problems.add(new Problem(at, "must set preset or resources"));
    }
    if (resources != null) {
      new TreeMap<>(resources)
          .forEach((name, each) -> resource(at + ".resources[" + name + "]", name, each, problems));
    }
  }

  /// Whether the amount depends on the node's capacity of the resource.
  public static boolean isRelative(ResourceFormula formula) {
    return formula.percent() != null
        || formula.atMostPercent() != null
        || formula.tiers() != null && !formula.tiers().isEmpty();
  }

  private static void resource(
      String at, String name, ResourceFormula formula, List<Problem> problems) {
    if (!NodesRules.RESERVABLE.contains(name)) {
      problems.add(new Problem(at, "cannot be reserved"));
    }
    var tiers = formula.tiers() == null ? List.<Tier>of() : formula.tiers();
    var amounts =
        Stream.of(
                formula.base(),
                formula.perPod(),
                formula.perCore(),
                formula.atLeast(),
                formula.atMost())
            .toList();
    var all = Stream.concat(amounts.stream(), tiers.stream().map(Tier::upTo));
    var wrong =
        all.filter(q -> q != null && !NodesRules.QUANTITY.matcher(q.toString()).matches()).toList();
    wrong.forEach(
        quantity ->
            problems.add(new Problem(at, "'" + quantity + "' is not a non-negative quantity")));
    if (!wrong.isEmpty()) {
      return;
    }
    if (name.equals("pid") && isRelative(formula)) {
      problems.add(new Problem(at, "a node reports no capacity for pid to take a percentage of"));
    }
    if (amounts.subList(0, 3).stream().allMatch(q -> q == null)
        && formula.percent() == null
        && tiers.isEmpty()) {
      problems.add(new Problem(at, "must set base, perPod, perCore, percent or tiers"));
    }
    if (formula.atLeast() != null
        && formula.atMost() != null
        && !ascending(formula.atMost(), formula.atLeast(), true)) {
      problems.add(new Problem(at, "atLeast must not exceed atMost"));
    }
    for (int i = 1; i < tiers.size(); i++) {
      var from = tiers.get(i - 1).upTo();
      var to = tiers.get(i).upTo();
      if (from == null) {
        problems.add(new Problem(at + ".tiers", "only the last tier may omit upTo"));
      } else if (to != null && !ascending(to, from, false)) {
        problems.add(new Problem(at + ".tiers", "must ascend by upTo"));
      }
    }
  }

  private static boolean ascending(Quantity large, Quantity small, boolean orEqual) {
    int order = Quantities.number(large).compareTo(Quantities.number(small));
    return order > 0 || orEqual && order == 0;
  }
}
