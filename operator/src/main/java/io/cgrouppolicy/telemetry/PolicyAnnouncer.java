package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.status.ConditionTransitions;
import io.cgrouppolicy.telemetry.EventRecorder.Type;
import io.fabric8.kubernetes.api.model.Condition;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
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

  /// Remembers the stored conditions of a policy, before the operator writes its first status.
  public void seen(CgroupPolicy policy) {
    var uid = policy.getMetadata().getUid();
    policies.compute(
        policy.getMetadata().getName(),
        (name, known) -> {
          if (known != null && known.uid().equals(uid)) {
            return known;
          }
          var status = policy.getStatus();
          return new Known(
              uid, new ConditionTransitions(status == null ? null : status.conditions()));
        });
  }

  /// Sends events for the conditions that a written status changed.
  public void announce(CgroupPolicy policy, CgroupPolicyStatus status) {
    var name = policy.getMetadata().getName();
    var changes = new ArrayList<Condition>();
    var known =
        policies.computeIfPresent(
            name,
            (key, present) -> {
              changes.addAll(present.transitions().next(status.conditions()));
              return present;
            });
    for (var condition : changes) {
      events.policy(
          name,
          known.uid(),
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
