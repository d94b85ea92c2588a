package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.core.kubelet.judge.KubeletRule.Subject;
import java.util.List;

/// Checks that the PID limit of a pod is set and at most the required value.
final class PodPidsLimitRule {
  private PodPidsLimitRule() {}

  static List<RuleOutcome> judge(Subject subject) {
    var most = subject.required().podPidsLimit();
    var found = subject.config().podPidsLimit();
    if (most == null) {
      return List.of();
    }
    if (found.isEmpty()) {
      return List.of(
          new RuleOutcome.Violated(
              "<= " + most,
              "unlimited",
              "podPidsLimit is unlimited; a fork bomb in one pod can fill the node's PID table"));
    }
    return List.of(
        found.getAsLong() <= most
            ? RuleOutcome.SATISFIED
            : new RuleOutcome.Violated(
                "<= " + most,
                String.valueOf(found.getAsLong()),
                "podPidsLimit is "
                    + found.getAsLong()
                    + ", but the policy requires at most "
                    + most));
  }
}
