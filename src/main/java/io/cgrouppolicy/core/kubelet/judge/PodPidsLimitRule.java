package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.core.kubelet.judge.KubeletRule.Subject;
import java.util.List;

/// A pod's PID limit is set, and at most what is asked.
final class PodPidsLimitRule {
  private PodPidsLimitRule() {}

  static List<Outcome> judge(Subject subject) {
    var most = subject.asked().podPidsLimit();
    var found = subject.config().podPidsLimit();
    if (most == null) {
      return List.of();
    }
    if (found.isEmpty()) {
      return List.of(
          new Outcome.Violated(
              "<= " + most,
              "unlimited",
              "podPidsLimit is unlimited; a fork bomb in one pod can fill the node's PID table"));
    }
    return List.of(
        found.getAsLong() <= most
            ? Outcome.SATISFIED
            : new Outcome.Violated(
                "<= " + most,
                String.valueOf(found.getAsLong()),
                "podPidsLimit is " + found.getAsLong() + ", at most " + most + " is asked"));
  }
}
