package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.namespace.Decision.Event;
import io.cgrouppolicy.core.namespace.Decision.Outcome;
import io.cgrouppolicy.core.namespace.Decision.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Decides the writes, verdicts and events for one namespace, and when to reconcile it again, from
/// a snapshot and the stored record.
///
/// @param quotaGrace how long the quota controller may take to adopt a quota
/// @param started when the operator started
public record NamespaceDecider(Duration quotaGrace, Instant started) {
  private static final Duration STARTUP = Duration.ofSeconds(30);
  private static final Duration NEW_NAMESPACE = Duration.ofSeconds(3);
  private static final Duration TROUBLE_RETRY = Duration.ofSeconds(2);
  private static final Duration MAX_RETRY = Duration.ofSeconds(10);
  private static final Duration IMMEDIATELY = Duration.ofMillis(1);

  /// How many conflicts in a row are retried before they are reported as trouble.
  private static final int MAX_CONFLICTS = 5;

  /// Why a write failed.
  public enum Failure {
    /// The namespace is gone or terminating.
    Gone,
    /// The object is newer than the watch has shown.
    Conflict,
    /// Anything else: no permission, an invalid object, no response.
    Refused
  }

  public Decision decide(NamespaceView view, NamespaceRecord record, Instant now) {
    var memory = record.memory();
    if (view.trouble() != null) {
      return troubled(view, record, view.trouble(), TROUBLE_RETRY, now);
    }
    boolean firstLook = memory.firstSeen() == null;
    memory = memory.seen(now);
    if (firstLook && isNew(view, now)) {
      return undecided(Map.of(), memory.undecided(Undecided.Reason.NamespaceNew, now));
    }
    memory = observe(memory, view, now);
    var plan = plan(view, memory, now);
    if (plan.heldBy() != null) {
      var held =
          new Trouble(
              "HeldByInvalidPolicy",
              "its objects belong to policy " + plan.heldBy() + ", which is invalid");
      return outcome(
          view,
          record,
          NamespaceVerdicts.of(view, plan.findings(), held, Duration.ZERO),
          memory.decided(),
          Duration.ZERO,
          now);
    }
    if (!plan.steps().isEmpty() && view.policies().equals(memory.settledFor())) {
      return revert(view, record, plan, memory, now);
    }
    var safety = safety(view, plan);
    if (safety != PodSafety.Safe) {
      var reason = safety.undecided();
      return outcome(
          view,
          record,
          NamespaceVerdicts.heldBack(view, plan.findings(), reason == null),
          memory.heldBack(safety, now),
          reason == null ? Duration.ZERO : reason.lookAgain(),
          now);
    }
    return plan.steps().isEmpty()
        ? settled(view, record, plan, memory, List.of(), now)
        : new Write(plan, false, memory);
  }

  private static Outcome undecided(Map<String, NamespaceVerdict> verdicts, NamespaceMemory memory) {
    var lookAgain = memory.undecided().reason().lookAgain();
    return new Outcome(verdicts, memory, List.of(), lookAgain, null);
  }

  private static boolean isNew(NamespaceView view, Instant now) {
    return view.created() != null && view.created().isAfter(now.minus(NEW_NAMESPACE));
  }

  private Plan plan(NamespaceView view, NamespaceMemory memory, Instant now) {
    var overdue =
        memory.adoptions().entrySet().stream()
            .filter(pending -> pending.getValue().overdue(quotaGrace, now))
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    return NamespacePlanner.plan(
        view.book(), view.selection(), view.objects().withOverdueQuotas(overdue));
  }

  private static NamespaceMemory observe(NamespaceMemory memory, NamespaceView view, Instant now) {
    return memory.with(
        QuotaAdoption.next(memory.adoptions(), view.objects().resourceQuotas(), now));
  }

  private Decision revert(
      NamespaceView view, NamespaceRecord record, Plan plan, NamespaceMemory memory, Instant now) {
    var wait = memory.reverts().delay(now);
    if (wait.isZero()) {
      return new Write(plan, true, memory.with(memory.reverts().reverted(now)));
    }
    var contested = memory.reverts().contested(now);
    return outcome(
        view,
        record,
        NamespaceVerdicts.of(view, plan.findings(), null, contested),
        memory.decided(),
        wait,
        now);
  }

  /// Consults the rollout gate only for writes that create a policy's objects or change their spec.
  private static PodSafety safety(NamespaceView view, Plan plan) {
    var governing = view.governing();
    return governing == null
            || !governing.waitsUntilSafe()
            || plan.steps().stream().noneMatch(Step::canReject)
        ? PodSafety.Safe
        : view.pods().apply(governing);
  }

  /// Decides when the writes, or the rest of them, must wait for those to other namespaces.
  public Outcome queued(NamespaceRecord record, Instant now) {
    return undecided(record.verdicts(), record.memory().seen(now).queued(now));
  }

  /// Decides after the writes succeeded.
  ///
  /// @param view includes the objects after the writes
  public Outcome written(NamespaceView view, Write write, NamespaceRecord record, Instant now) {
    var memory = observe(write.memory(), view, now);
    var plan = plan(view, memory, now);
    var events =
        write.revert() ? List.of(NamespaceEvents.reverted(write.plan())) : List.<Event>of();
    return settled(view, record, plan, memory, events, now);
  }

  private Outcome settled(
      NamespaceView view,
      NamespaceRecord record,
      Plan plan,
      NamespaceMemory memory,
      List<Event> events,
      Instant now) {
    boolean covered = view.governing() != null;
    var uncovered =
        covered && !memory.covered() && memory.firstSeen().isAfter(started.plusSeconds(10))
            ? Duration.between(memory.firstSeen(), now)
            : null;
    var contested = memory.reverts().contested(now);
    // An event that arrives during a write is mistaken for its echo. If another writer changed the
    // object at that moment, reconcile again.
    boolean overtaken = plan.steps().stream().anyMatch(Step.Apply.class::isInstance);
    var lookAgain = overtaken ? IMMEDIATELY : contested;
    var outcome =
        outcome(
            view,
            record,
            NamespaceVerdicts.of(view, plan.findings(), null, contested),
            memory.settled(view.policies(), covered),
            lookAgain,
            now);
    var all = new ArrayList<>(events);
    all.addAll(outcome.events());
    return new Outcome(outcome.verdicts(), outcome.memory(), all, outcome.lookAgain(), uncovered);
  }

  /// Decides after a write failed.
  ///
  /// @param view includes the objects after the writes that succeeded
  /// @param trouble the error to report
  public Outcome failed(
      NamespaceView view,
      Write write,
      NamespaceRecord record,
      Failure failure,
      Trouble trouble,
      Instant now) {
    var memory = write.memory();
    if (failure == Failure.Gone) {
      return new Outcome(
          record.verdicts(), memory.undecided(null, now), List.of(), MAX_RETRY, null);
    }
    // What failed is no revert. It must not count as a contest, which delays the next attempt.
    memory = memory.with(record.memory().reverts()).failed();
    var backoff = backoff(memory.failures());
    if (failure == Failure.Conflict && memory.failures() <= MAX_CONFLICTS) {
      boolean open =
          view.governing() != null && !record.verdicts().containsKey(view.governing().name());
      var reason = open ? Undecided.Reason.WriteConflict : null;
      return new Outcome(
          record.verdicts(), memory.undecided(reason, now), List.of(), backoff, null);
    }
    return outcome(
        view,
        record,
        NamespaceVerdicts.failed(view, plan(view, memory, now), trouble),
        memory.decided(),
        backoff,
        now);
  }

  private static Duration backoff(int failures) {
    return Duration.ofMillis(Math.min(MAX_RETRY.toMillis(), 100L << Math.min(failures, 7)));
  }

  /// Gives every judging policy the trouble: the operator failed or cannot see the cluster.
  public Outcome troubled(
      NamespaceView view,
      NamespaceRecord record,
      Trouble trouble,
      Duration lookAgain,
      Instant now) {
    return outcome(
        view,
        record,
        NamespaceVerdicts.of(view, Map.of(), trouble, Duration.ZERO),
        record.memory().decided(),
        lookAgain,
        now);
  }

  private Outcome outcome(
      NamespaceView view,
      NamespaceRecord record,
      Map<String, NamespaceVerdict> verdicts,
      NamespaceMemory memory,
      Duration lookAgain,
      Instant now) {
    boolean starting = now.isBefore(started.plus(STARTUP));
    var adoption =
        memory.adoptions().values().stream()
            .map(pending -> pending.left(quotaGrace, now))
            .reduce(Duration.ZERO, NamespaceDecider::sooner);
    return new Outcome(
        verdicts,
        memory,
        NamespaceEvents.of(view, record.verdicts(), verdicts, starting),
        sooner(lookAgain, adoption),
        null);
  }

  /// Zero means never.
  private static Duration sooner(Duration a, Duration b) {
    return b.isZero() || !a.isZero() && a.compareTo(b) < 0 ? a : b;
  }
}
