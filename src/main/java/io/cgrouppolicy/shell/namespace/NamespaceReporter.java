package io.cgrouppolicy.shell.namespace;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.NamespacePlanner.Plan;
import io.cgrouppolicy.core.namespace.NamespacePlanner.Step;
import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ComplianceIndex;
import io.cgrouppolicy.telemetry.EventRecorder;
import io.cgrouppolicy.telemetry.PolicyMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// Files what was found in a namespace: the verdicts, and events and figures for what is new.
final class NamespaceReporter {
  private static final Logger LOG = Logger.getLogger(NamespaceReporter.class);

  private final ComplianceIndex<NamespaceVerdict> index;
  private final EventRecorder events;
  private final PolicyMetrics metrics;
  private final InstantSource clock;
  private final Instant started;
  private final Map<String, Instant> firstSeen = new ConcurrentHashMap<>();

  NamespaceReporter(
      ComplianceIndex<NamespaceVerdict> index,
      EventRecorder events,
      PolicyMetrics metrics,
      InstantSource clock) {
    this.index = index;
    this.events = events;
    this.metrics = metrics;
    this.clock = clock;
    this.started = clock.instant();
  }

  /// @return whether it was not seen before
  boolean seen(String name) {
    return firstSeen.putIfAbsent(name, clock.instant()) == null;
  }

  void forget(String name) {
    index.remove(name);
    firstSeen.remove(name);
  }

  /// What the policies that count the namespace as theirs find, all with the same trouble or none.
  ///
  /// @param contested how long it still counts as contested; zero when it does not
  void file(
      Visit visit,
      Map<CompiledPolicy, List<Finding>> findings,
      Trouble trouble,
      Duration contested) {
    var verdicts = new HashMap<String, NamespaceVerdict>();
    for (var policy : visit.selection().judging()) {
      var found = new ArrayList<>(findings.getOrDefault(policy, List.of()));
      if (!contested.isZero() && policy.enforces()) {
        found.add(
            Finding.of(
                Check.ObjectContested,
                "left alone",
                "changed again and again",
                "somebody keeps changing what the operator restores; it now waits between"
                    + " attempts"));
      }
      verdicts.put(policy.name(), verdict(policy, trouble, found));
    }
    put(visit, verdicts);
  }

  /// The governing policy's objects are kept back.
  ///
  /// @param decided whether it is known that they would refuse a pod; if not, the policy's verdict
  ///     is left open
  void fileWaiting(Visit visit, Map<CompiledPolicy, List<Finding>> findings, boolean decided) {
    var verdicts = new HashMap<String, NamespaceVerdict>();
    var governing = visit.selection().governing().orElse(null);
    for (var policy : visit.selection().judging()) {
      var found = findings.getOrDefault(policy, List.of());
      if (!policy.equals(governing)) {
        verdicts.put(policy.name(), verdict(policy, null, found));
      } else if (decided) {
        verdicts.put(
            policy.name(),
            NamespaceVerdict.waiting(policy.uid(), policy.generation(), List.copyOf(found)));
      }
    }
    put(visit, verdicts);
  }

  /// A write failed: the trouble of the policy that governs, else of those whose objects should go.
  void fileFailure(Visit visit, Plan plan, Trouble trouble) {
    metrics.writeFailed(trouble.reason());
    var verdicts = new HashMap<String, NamespaceVerdict>();
    var governing = visit.selection().governing().orElse(null);
    if (governing == null) {
      for (var step : plan.steps()) {
        if (step instanceof Step.Delete delete) {
          Child.policyOf(delete.found())
              .flatMap(visit.book()::find)
              .ifPresent(
                  policy ->
                      verdicts.put(
                          policy.name(),
                          NamespaceVerdict.leaving(policy.uid(), policy.generation(), trouble)));
        }
      }
    }
    for (var policy : visit.selection().judging()) {
      var found = plan.findings().getOrDefault(policy, List.of());
      verdicts.put(
          policy.name(), verdict(policy, policy.equals(governing) ? trouble : null, found));
    }
    put(visit, verdicts);
  }

  private static NamespaceVerdict verdict(
      CompiledPolicy policy, Trouble trouble, List<Finding> findings) {
    return new NamespaceVerdict(policy.uid(), policy.generation(), trouble, List.copyOf(findings));
  }

  private void put(Visit visit, Map<String, NamespaceVerdict> verdicts) {
    var before = index.get(visit.name());
    index.put(visit.name(), verdicts);
    verdicts.forEach(
        (policy, verdict) -> announce(visit.name(), policy, before.get(policy), verdict));
    before.forEach(
        (policy, verdict) -> {
          var now = verdicts.get(policy);
          if (!verdict.leaving() && (now == null || now.leaving())) {
            announceLeft(visit, policy, verdict);
          }
        });
  }

  /// An event for each finding that is new; none for what was there when the operator started.
  private void announce(
      String name, String policy, NamespaceVerdict before, NamespaceVerdict verdict) {
    if (before == null && clock.instant().isBefore(started.plusSeconds(30))) {
      return;
    }
    var known = before == null ? List.<Finding>of() : before.findings();
    for (var finding : Finding.added(known, verdict.findings())) {
      events.warning(
          name, finding.check().name(), "Judge", "policy " + policy + ": " + finding.message());
    }
  }

  /// Whoever may edit a namespace's labels can take it out of a policy: that is told. When the
  /// policy itself changed, its author knows.
  private void announceLeft(Visit visit, String name, NamespaceVerdict before) {
    var policy = visit.book().find(name).orElse(null);
    if (policy == null
        || !before.isOf(policy)
        || visit.book().selects(policy, visit.name(), visit.labels())) {
      return;
    }
    var successor =
        visit
            .selection()
            .governing()
            .map(other -> "policy " + other.name() + " governs it now")
            .orElse("no policy governs it now");
    var note =
        "the namespace's labels were changed and policy "
            + name
            + " no longer selects it; "
            + successor;
    LOG.infof("%s", note);
    events.warning(visit.name(), "LeftPolicy", "Select", note);
  }

  /// What was written.
  void done(String name, Plan plan, boolean revert) {
    var what =
        plan.steps().stream().map(step -> describe(step, revert)).collect(Collectors.joining("; "));
    if (revert) {
      LOG.infof("reverted: %s", what);
      metrics.reverted(plan.steps().size());
      events.warning(name, "Reverted", "Revert", what);
    } else {
      LOG.debugf("done: %s", what);
    }
  }

  private static String describe(Step step, boolean revert) {
    return switch (step) {
      case Step.Delete delete -> delete.child() + " removed";
      case Step.Apply apply when apply.found() == null ->
          apply.child() + (revert ? " was deleted and is back" : " put in place");
      case Step.Apply apply ->
          apply.child()
              + " changed back: "
              + apply.differences().stream()
                  .limit(5)
                  .map(Object::toString)
                  .collect(Collectors.joining(", "));
    };
  }

  /// Times how long a namespace that came while we ran went without its objects.
  void protectedNow(Visit visit) {
    var since = firstSeen.get(visit.name());
    if (since != null && since != Instant.MIN && visit.selection().governing().isPresent()) {
      firstSeen.put(visit.name(), Instant.MIN);
      if (since.isAfter(started.plusSeconds(10))) {
        metrics.protectedAfter(Duration.between(since, clock.instant()));
      }
    }
  }
}
