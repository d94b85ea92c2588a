package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.policy.Verdict;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// What one policy, at one generation, says of one node.
///
/// @param lastAnswer when a kubelet that now gives no answer last gave one that could be used; else
///     null, as every answer would make another verdict of it
public record NodeVerdict(
    String policyUid, long generation, NodeJudgement judgement, Instant lastAnswer)
    implements Verdict {

  /// The findings; that a kubelet gives no answer is told with the age of the last one. As a time,
  /// which stays the same, and not as a duration, which would change the status for ever.
  public List<Finding> findings() {
    if (judgement.unanswered() == null) {
      return judgement.findings();
    }
    var age =
        lastAnswer == null
            ? "it has not answered since the operator started"
            : "its last answer is of " + lastAnswer.truncatedTo(ChronoUnit.SECONDS);
    return judgement.findings().stream()
        .map(f -> Finding.of(f.check(), f.expected(), f.actual(), f.message() + "; " + age))
        .toList();
  }

  /// The findings to tell in events: those of checks that were as they should be. What was there
  /// when the node was first judged is no news, also where its kubelet gave no answer till then;
  /// nor is what a change of the policy makes of it, as who changes it knows what it does.
  ///
  /// @param before the verdict till now, or null
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
