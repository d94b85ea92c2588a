package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.check.Check.Area;
import io.cgrouppolicy.core.check.WorkloadFinding;
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
import java.util.concurrent.ConcurrentHashMap;

/// Tells in events of a namespace which of its workloads a policy's objects refuse or would refuse:
/// all of them, where a status lists a hundred at most. Each once, for as long as it stays.
@ApplicationScoped
class PreviewAnnouncer {
  /// For how long after the start what is found first is not told: it was there before.
  private static final Duration START = Duration.ofSeconds(30);

  private record ReportedFigures(String policyUid, Set<String> findings) {}

  private final EventRecorder events;
  private final InstantSource clock;
  private final Instant started;

  /// What was told of a namespace, by policy.
  private final Map<String, Map<String, ReportedFigures>> told = new ConcurrentHashMap<>();

  PreviewAnnouncer(EventRecorder events, InstantSource clock) {
    this.events = events;
    this.clock = clock;
    this.started = clock.instant();
  }

  /// @return whether all is told; if not, the rest is to be told later
  boolean announce(String namespace, Map<CompiledPolicy, Judged> verdicts) {
    var before = told.getOrDefault(namespace, Map.of());
    var now = new HashMap<String, ReportedFigures>();
    boolean all = true;
    for (var entry : verdicts.entrySet()) {
      var policy = entry.getKey();
      var known = before.get(policy.name());
      boolean first = known == null || !known.policyUid().equals(policy.uid());
      boolean old = first && wasThere(policy);
      var findings = new HashSet<String>();
      var judged = entry.getValue();
      for (var found : judged.verdict().findings()) {
        // One whose owner is being looked up is told under the owner's name, later.
        if (found.finding().check().area() != Area.NAMESPACES || judged.isOpen(found)) {
          continue;
        }
        var key = key(found);
        if (old || !first && known.findings().contains(key) || tell(namespace, policy, found)) {
          findings.add(key);
        } else {
          all = false;
        }
      }
      now.put(policy.name(), new ReportedFigures(policy.uid(), findings));
    }
    if (now.isEmpty()) {
      told.remove(namespace);
    } else {
      told.put(namespace, now);
    }
    return all;
  }

  /// Whether the policy is older than this process, which has just started.
  private boolean wasThere(CompiledPolicy policy) {
    return clock.instant().isBefore(started.plus(START))
        && !policy.created().isEmpty()
        && Instant.parse(policy.created()).isBefore(started);
  }

  private boolean tell(String namespace, CompiledPolicy policy, WorkloadFinding found) {
    var finding = found.finding();
    return events.warningWhenIdle(
        namespace,
        finding.check().name(),
        "Preview",
        "policy " + policy.name() + ": " + subject(found) + finding.message());
  }

  /// The event regards the namespace already.
  private static String subject(WorkloadFinding found) {
    return found.kind().equals("Namespace") ? "" : found.kind() + " ";
  }

  private static String key(WorkloadFinding found) {
    return found.finding().check() + " " + found.kind() + "/" + found.name();
  }

  void forget(String namespace) {
    told.remove(namespace);
  }
}
