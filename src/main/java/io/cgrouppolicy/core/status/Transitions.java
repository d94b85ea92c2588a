package io.cgrouppolicy.core.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Tells which conditions of a policy have become something else than they last were, for its
/// events. Unknown is no news: it lies between two states after every change of the spec, and at
/// every start.
public final class Transitions {
  private static final Set<String> TOLD = Set.of("Ready", "Compliant");

  private final Map<String, String> last = new HashMap<>();

  /// @param conditions those of the stored status when the policy was first seen, or null; they are
  ///     no news
  public Transitions(List<Condition> conditions) {
    if (conditions != null) {
      next(conditions);
    }
  }

  /// The conditions that are news, in their order.
  public synchronized List<Condition> next(List<Condition> conditions) {
    return conditions.stream()
        .filter(c -> TOLD.contains(c.getType()) && !c.getStatus().equals("Unknown"))
        .filter(c -> !state(c).equals(last.put(c.getType(), state(c))))
        .toList();
  }

  /// That a spec became invalid is news even where the policy was not ready for another reason.
  private static String state(Condition condition) {
    return condition.getReason().equals("InvalidSpec") ? "InvalidSpec" : condition.getStatus();
  }
}
