package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.status.ConditionTransitions;
import io.cgrouppolicy.telemetry.EventRecorder.Type;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Sends events when a policy becomes ready or compliant and when it no longer is. Does not report
/// what was already true when the operator started.
@ApplicationScoped
public class PolicyAnnouncer {
  private record Known(String uid, ConditionTransitions transitions) {}

  private final EventRecorder events;
  private final Map<String, Known> policies = new ConcurrentHashMap<>();

  PolicyAnnouncer(EventRecorder events) {
    this.events = events;
  }

  /// Sends events for the conditions that a written status changed.
  ///
  /// @param policy as it was stored before that
  public void announce(CgroupPolicy policy, CgroupPolicyStatus status) {
    var name = policy.getMetadata().getName();
    var uid = policy.getMetadata().getUid();
    var stored = policy.getStatus() == null ? null : policy.getStatus().conditions();
    var known =
        policies.compute(
            name,
            (key, before) ->
                before != null && before.uid().equals(uid)
                    ? before
                    : new Known(uid, new ConditionTransitions(stored)));
    for (var condition : known.transitions().next(status.conditions())) {
      events.policy(
          name,
          uid,
          condition.getStatus().equals("True") ? Type.Normal : Type.Warning,
          condition.getReason(),
          "Evaluate",
          condition.getType() + " is " + condition.getStatus() + ": " + condition.getMessage());
    }
  }

  public void forget(String policy) {
    policies.remove(policy);
  }
}
