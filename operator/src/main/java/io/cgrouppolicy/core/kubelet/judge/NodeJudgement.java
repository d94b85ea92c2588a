package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import java.util.List;
import java.util.function.Predicate;

/// The judgement of one node by a policy's `spec.nodes.kubelet` and `cgroupVersion`.
///
/// @param unanswered why the node could not be judged, or null
/// @param findings the differences from the policy, at most one per check, in the order of the
///     rules; for a node that could not be judged, a single finding that says why, and none if that
///     is an [io.cgrouppolicy.core.kubelet.Exemption]
/// @param undetermined checks that the kubelet's answer has no information for
/// @param notApplicable checks that this node cannot meet, through no fault of its own
public record NodeJudgement(
    Unusable<?> unanswered,
    List<Finding> findings,
    List<InconclusiveCheck> undetermined,
    List<InconclusiveCheck> notApplicable) {

  public enum State {
    COMPLIANT,
    DRIFTED,
    UNKNOWN,
    NOT_APPLICABLE
  }

  /// A check with neither a positive nor a negative result.
  ///
  /// @param reason CamelCase
  public record InconclusiveCheck(Check check, String reason, String message) {}

  public State state() {
    return state(check -> false);
  }

  /// The state without the checks that exceptions silence. Drift takes precedence over unknown. A
  /// node without a usable answer stays unknown: silencing the violation does not make it known.
  public State state(Predicate<Check> silenced) {
    if (unanswered != null) {
      return findings.isEmpty() ? State.NOT_APPLICABLE : State.UNKNOWN;
    }
    if (findings.stream().anyMatch(f -> !silenced.test(f.check()))) {
      return State.DRIFTED;
    }
    return undetermined.stream().allMatch(r -> silenced.test(r.check()))
        ? State.COMPLIANT
        : State.UNKNOWN;
  }
}
