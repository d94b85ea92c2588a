package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.LastAnswer;
import io.cgrouppolicy.core.policy.Verdict;
import java.util.List;

/// One policy's verdict on one node, at one generation.
///
/// @param lastAnswer for a kubelet that does not answer, when it last gave a usable answer; null
///     otherwise, because every answer would change the verdict
public record NodeVerdict(
    String policyUid, long generation, NodeJudgement judgement, LastAnswer lastAnswer)
    implements Verdict {
  /// How findings end on a kubelet that has not answered yet.
  public static final String NEVER = "it has not answered since the operator started";

  /// The findings. If the kubelet does not answer, they include when it last did.
  public List<Finding> findings() {
    if (judgement.unanswered() == null) {
      return judgement.findings();
    }
    var age = lastAnswer == null ? NEVER : "it last answered at " + lastAnswer;
    return judgement.findings().stream().map(finding -> finding.and(age)).toList();
  }

  /// Returns the findings to report in events: those of checks that passed before. Findings of the
  /// first judgement are not reported, even if the kubelet did not answer until then; nor are
  /// findings caused by a policy change, because its author expects them.
  ///
  /// @param before the previous verdict, or null
  public List<Finding> news(NodeVerdict before) {
    if (before == null
        || !before.isAsOf(this)
        || (before.neverAnswered() && judgement.unanswered() == null)) {
      return List.of();
    }
    return Finding.added(before.findings(), findings());
  }

  private boolean neverAnswered() {
    return judgement.unanswered() != null && lastAnswer == null;
  }
}
