package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.KubeletAnswer.Unanswered;
import java.util.List;
import java.util.function.Predicate;

/// What a policy's `spec.nodes.kubelet` and `cgroupVersion` say of one node.
///
/// @param unanswered why the node could not be judged, or null
/// @param findings what is not as the policy says, at most one a check, in the order of the rules;
///     for a node that could not be judged, the one that says why
/// @param undetermined what the kubelet's answer does not tell
/// @param notApplicable what cannot be met on this node, through no fault of it
public record NodeJudgement(
    Unanswered unanswered,
    List<Finding> findings,
    List<Remark> undetermined,
    List<Remark> notApplicable) {

  public enum State {
    COMPLIANT,
    DRIFTED,
    UNKNOWN
  }

  /// A check that gave neither yes nor no.
  ///
  /// @param reason CamelCase
  public record Remark(Check check, String reason, String message) {}

  public State state() {
    return state(check -> false);
  }

  /// The state when some checks are silenced by exceptions. Drift beats unknown. A node that gave
  /// no usable answer stays unknown: silencing the violation does not make it known.
  public State state(Predicate<Check> silenced) {
    if (unanswered != null) {
      return State.UNKNOWN;
    }
    if (findings.stream().anyMatch(f -> !silenced.test(f.check()))) {
      return State.DRIFTED;
    }
    return undetermined.stream().allMatch(r -> silenced.test(r.check()))
        ? State.COMPLIANT
        : State.UNKNOWN;
  }
}
