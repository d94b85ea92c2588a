package io.cgrouppolicy.core.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The conditions of one policy as events last reported them. Unknown is not reported: a condition
/// passes through it after every change of the spec and every restart.
///
/// @param states by type of the condition
public record ReportedConditions(Map<String, String> states) {
  private static final Set<String> REPORTED = Set.of("Ready", "Compliant", "ReportsPublished");

  /// @param conditions of the stored status when the policy was first seen, or null; these are not
  ///     reported
  public static ReportedConditions of(List<Condition> conditions) {
    var none = new ReportedConditions(Map.of());
    return conditions == null ? none : none.with(conditions);
  }

  /// The conditions to report, in their order.
  public List<Condition> news(List<Condition> conditions) {
    return conditions.stream()
        .filter(c -> REPORTED.contains(c.getType()) && !c.getStatus().equals("Unknown"))
        .filter(c -> !state(c).equals(states.get(c.getType())))
        .toList();
  }

  public ReportedConditions with(List<Condition> conditions) {
    var changed = new HashMap<>(states);
    news(conditions).forEach(condition -> changed.put(condition.getType(), state(condition)));
    return new ReportedConditions(changed);
  }

  /// An invalid spec is a change even if the policy was not ready before for another reason.
  private static String state(Condition condition) {
    return condition.getReason().equals("InvalidSpec") ? "InvalidSpec" : condition.getStatus();
  }
}
