package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.namespace.ReportedFindings;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.pods.PodJudge.Judged;
import io.cgrouppolicy.telemetry.EventRecorder;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Emits an event in a namespace for each workload that a policy's objects reject or would reject.
/// Covers all of them, whereas a status lists at most a hundred. Each finding is reported once for
/// as long as it holds.
@ApplicationScoped
class PreviewAnnouncer {
  private static final Set<Check> REPORTED = Set.of(Check.WouldReject, Check.RejectedByPolicy);

  /// First findings within this time after start are not reported: they existed before the restart.
  private static final Duration STARTUP = Duration.ofSeconds(30);

  private final EventRecorder events;
  private final InstantSource clock;
  private final Instant started;

  PreviewAnnouncer(EventRecorder events, InstantSource clock) {
    this.events = events;
    this.clock = clock;
    this.started = clock.instant();
  }

  /// @param reported the findings reported so far, by policy
  /// @param complete whether all findings are reported; if not, the caller must try again later
  record Announced(Map<String, ReportedFindings> reported, boolean complete) {}

  Announced announce(
      String namespace,
      Map<String, ReportedFindings> before,
      Map<CompiledPolicy, Judged> verdicts) {
    var now = new HashMap<String, ReportedFindings>();
    boolean complete = true;
    for (var entry : verdicts.entrySet()) {
      var policy = entry.getKey();
      var previous = before.get(policy.name());
      boolean first = previous == null || !previous.policyUid().equals(policy.uid());
      boolean old = first && existed(policy);
      var findings = new HashSet<String>();
      var judged = entry.getValue();
      for (var found : judged.verdict().findings()) {
        // A finding whose owner is still being looked up is reported later, under the owner's name.
        if (!REPORTED.contains(found.finding().check()) || judged.isOpen(found)) {
          continue;
        }
        var key = key(found);
        if (old
            || !first && previous.findings().contains(key)
            || report(namespace, policy, found)) {
          findings.add(key);
        } else {
          complete = false;
        }
      }
      if (!findings.isEmpty() || !first || old) {
        now.put(policy.name(), new ReportedFindings(policy.uid(), findings));
      }
    }
    return new Announced(now, complete);
  }

  /// Whether the operator has just started and the policy is older than the process.
  private boolean existed(CompiledPolicy policy) {
    return clock.instant().isBefore(started.plus(STARTUP))
        && !policy.created().isEmpty()
        && Instant.parse(policy.created()).isBefore(started);
  }

  private boolean report(String namespace, CompiledPolicy policy, WorkloadFinding found) {
    var finding = found.finding();
    return events.warningWhenIdle(
        namespace,
        finding.check().name(),
        "Preview",
        "policy " + policy.name() + ": " + subject(found) + finding.message());
  }

  /// Omits the kind Namespace because the event regards the namespace anyway.
  private static String subject(WorkloadFinding found) {
    return found.kind().equals("Namespace") ? "" : found.kind() + " ";
  }

  private static String key(WorkloadFinding found) {
    return found.finding().check() + " " + found.kind() + "/" + found.name();
  }
}
