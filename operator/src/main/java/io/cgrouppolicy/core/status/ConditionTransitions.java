package io.cgrouppolicy.core.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds the condition changes of one policy that deserve an event. Changes to Unknown do not: a
/// condition passes through Unknown after every change of the spec and every restart. Not
/// thread-safe.
public final class ConditionTransitions {
  private static final Set<String> REPORTED = Set.of("Ready", "Compliant");

  private final Map<String, String> last = new HashMap<>();

  /// @param conditions the conditions of the stored status when the policy was first seen, or null;
  ///     these are not reported
  public ConditionTransitions(List<Condition> conditions) {
    if (conditions != null) {
      next(conditions);
    }
  }

  /// Returns the conditions that changed, in their order.
  public List<Condition> next(List<Condition> conditions) {
    return conditions.stream()
        .filter(c -> REPORTED.contains(c.getType()) && !c.getStatus().equals("Unknown"))
        .filter(c -> !state(c).equals(last.put(c.getType(), state(c))))
        .toList();
  }

  /// An invalid spec is a change even if the policy was not ready before for another reason.
  private static String state(Condition condition) {
    return condition.getReason().equals("InvalidSpec") ? "InvalidSpec" : condition.getStatus();
  }
}
