package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.LastAnswer;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.Verdict;
import java.util.List;

/// The verdict of one policy's `spec.nodes.pressure`, at one generation, on one node.
///
/// @param state ABOVE if the node exceeds some threshold; else UNAVAILABLE if the figures for some
///     threshold are missing; NOT_APPLICABLE without a kubelet to ask
/// @param findings exceeded thresholds, and PressureUnavailable with the reason if figures are
///     missing
public record PressureVerdict(
    String policyUid, long generation, State state, List<Finding> findings) implements Verdict {
  /// How findings end on a kubelet that has given no figures yet.
  public static final String NEVER = "it has given no figures since the operator started";

  public enum State {
    NORMAL,
    ABOVE,
    UNAVAILABLE,
    NOT_APPLICABLE
  }

  /// The verdict on a node that cannot be judged.
  public static PressureVerdict exempt(CompiledPolicy policy) {
    return new PressureVerdict(policy.uid(), policy.generation(), State.NOT_APPLICABLE, List.of());
  }

  /// @param answer that was judged
  /// @param lastFigures when the kubelet last gave figures, or null
  public static PressureVerdict of(
      CompiledPolicy policy,
      PressureJudgement judgement,
      Answer<NodeSummary> answer,
      LastAnswer lastFigures) {
    var findings = judgement.findings();
    if (!(answer instanceof Usable)) {
      var age = lastFigures == null ? NEVER : "its last figures are of " + lastFigures;
      findings = findings.stream().map(finding -> finding.and(age)).toList();
    }
    return new PressureVerdict(policy.uid(), policy.generation(), judgement.state(), findings);
  }

  /// The findings to announce in events: resources whose pressure has begun. Not those of a node's
  /// first verdict, nor those that a change of the policy brings. Missing figures are no news: a
  /// node that goes away causes enough events.
  ///
  /// @param before the previous verdict, or null
  public List<Finding> news(PressureVerdict before) {
    return before == null || !before.isAsOf(this)
        ? List.of()
        : Finding.added(before.findings(), findings).stream()
            .filter(finding -> finding.check() != Check.PressureUnavailable)
            .toList();
  }
}
