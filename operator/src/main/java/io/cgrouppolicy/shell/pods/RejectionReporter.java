package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.namespace.RejectionEvents;
import io.cgrouppolicy.core.namespace.ReportedFindings;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.pods.PodJudge.Judged;
import io.cgrouppolicy.telemetry.EventRecorder;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/// Sends the [RejectionEvents] of a namespace. They cover all rejections, whereas a status lists at
/// most a hundred violations.
@ApplicationScoped
class RejectionReporter {
  private final EventRecorder events;
  private final InstantSource clock;

  RejectionReporter(EventRecorder events, InstantSource clock) {
    this.events = events;
    this.clock = clock;
  }

  /// @param reported the rejections reported so far, by policy
  /// @param complete whether all are reported; if not, the caller must try again later
  record Outcome(Map<String, ReportedFindings> reported, boolean complete) {}

  Outcome report(
      String namespace,
      Map<String, ReportedFindings> before,
      Map<CompiledPolicy, Judged> verdicts) {
    var reported = new HashMap<String, ReportedFindings>();
    boolean complete = true;
    for (var entry : verdicts.entrySet()) {
      var policy = entry.getKey();
      var judged = entry.getValue();
      var result =
          RejectionEvents.report(
              policy,
              namespace,
              judged.verdict().findings(),
              judged::isOpen,
              before.get(policy.name()),
              clock.instant(),
              notice -> events.rejection(namespace, notice));
      complete &= result.complete();
      if (!result.reported().rejections().isEmpty()) {
        reported.put(policy.name(), result.reported());
      }
    }
    return new Outcome(reported, complete);
  }
}
