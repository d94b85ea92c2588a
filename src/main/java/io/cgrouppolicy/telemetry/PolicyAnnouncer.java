package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.status.Transitions;
import io.cgrouppolicy.telemetry.EventRecorder.Type;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Tells in events that regard a policy when it becomes ready or compliant, and when it no longer
/// is. What was so before the operator started is not told again.
@ApplicationScoped
public class PolicyAnnouncer {
  private record Known(String uid, Transitions transitions) {}

  private final EventRecorder events;
  private final Map<String, Known> policies = new ConcurrentHashMap<>();

  PolicyAnnouncer(EventRecorder events) {
    this.events = events;
  }

  /// Notes the policy as it is found, before a status of ours is told.
  public void seen(CgroupPolicy policy) {
    var uid = policy.getMetadata().getUid();
    policies.compute(
        policy.getMetadata().getName(),
        (name, known) -> {
          if (known != null && known.uid().equals(uid)) {
            return known;
          }
          var status = policy.getStatus();
          return new Known(uid, new Transitions(status == null ? null : status.conditions()));
        });
  }

  /// Tells what is new in a status that was written.
  public void tell(CgroupPolicy policy, CgroupPolicyStatus status) {
    var name = policy.getMetadata().getName();
    var known = policies.get(name);
    if (known == null) {
      return; // deleted meanwhile
    }
    for (var condition : known.transitions().next(status.conditions())) {
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
