package io.cgrouppolicy.core.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.namespace.Decision.Outcome;
import io.cgrouppolicy.core.namespace.Decision.Write;
import io.cgrouppolicy.core.namespace.NamespaceDecider.Failure;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.Glob;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.cgrouppolicy.testing.Children;
import io.cgrouppolicy.testing.Policies;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NamespaceDeciderTest {
  private static final Instant START = Instant.parse("2026-06-01T12:00:00Z");
  private static final Instant NOW = START.plus(Duration.ofHours(1));
  private static final Observed BARE = Children.observed(null, null, List.of(), false);
  private static final Trouble FORBIDDEN = new Trouble("Forbidden", "cannot create limitranges");

  private final NamespaceDecider decider = new NamespaceDecider(Duration.ofMinutes(1), START);
  private final CompiledPolicy policy =
      Policies.compiled("p", Policies.BASELINE + ", rollout: WhenSafe");
  private NamespaceRecord record = NamespaceRecord.NONE;

  private NamespaceView view(Observed objects, PodSafety safety, Trouble trouble) {
    var book = new PolicyBook(List.of(policy), new SystemNamespaces(List.<Glob>of()));
    var labels = Map.of("team", "a");
    return new NamespaceView(
        "a",
        labels,
        START.minus(Duration.ofDays(1)),
        book,
        book.select("a", labels),
        objects,
        trouble,
        ignored -> safety);
  }

  private Decision decide(Observed objects, PodSafety safety) {
    return decider.decide(view(objects, safety, null), record, NOW);
  }

  /// Stores an outcome, as the reconciler does.
  private Outcome store(Decision decision) {
    assertThat(decision).isInstanceOf(Outcome.class);
    var outcome = (Outcome) decision;
    record = record.with(outcome);
    return outcome;
  }

  private Observed inPlace() {
    return Children.observed(
        Children.limitRange(policy, policy), Children.quota(policy, policy), List.of(), false);
  }

  private NamespaceVerdict verdict() {
    return record.verdicts().get("p");
  }

  @Test
  void thePolicyOfTheFixtureGoverns() {
    assertThat(policy.problems()).isEmpty();
    assertThat(policy.waitsUntilSafe()).isTrue();
    assertThat(view(BARE, PodSafety.Safe, null).governing()).isEqualTo(policy);
  }

  /// Each open answer of the rollout gate, followed by each possible answer.
  @ParameterizedTest
  @EnumSource(
      value = PodSafety.class,
      names = {"NotListed", "OwnersPending"})
  void anOpenAnswerStaysUndecidedUntilAFinalOne(PodSafety open) {
    for (var answer : PodSafety.values()) {
      record = NamespaceRecord.NONE;
      var outcome = store(decide(BARE, open));
      assertThat(verdict()).as("no verdict yet").isNull();
      assertThat(outcome.memory().heldBack()).isEqualTo(open);
      assertThat(outcome.memory().undecided()).isNotNull();
      assertThat(outcome.lookAgain()).as("reconciles again in any case").isPositive();

      var next = decide(BARE, answer);
      switch (answer) {
        case Safe -> assertThat(next).isInstanceOf(Write.class);
        case Unsafe, NotVisible -> {
          assertThat(store(next).memory().undecided()).isNull();
          assertThat(verdict().waiting()).isTrue();
          assertThat(verdict().findings())
              .extracting(Finding::check)
              .contains(Check.LimitRangeMissing);
        }
        case NotListed, OwnersPending -> {
          assertThat(store(next).memory().undecided().since()).isEqualTo(NOW);
          assertThat(verdict()).isNull();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(PodSafety.class)
  void remembersWhyANamespaceIsHeldBack(PodSafety safety) {
    var decision = decide(BARE, safety);
    if (safety == PodSafety.Safe) {
      assertThat(decision).isInstanceOf(Write.class);
    } else {
      assertThat(store(decision).memory().heldBack()).isEqualTo(safety);
    }
  }

  @ParameterizedTest
  @EnumSource(Undecided.Reason.class)
  void everyReasonHasATimeLimit(Undecided.Reason reason) {
    assertThat(reason.lookAgain()).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(10));
    var memory = NamespaceMemory.NONE.undecided(reason, NOW);
    assertThatThrownBy(() -> new Outcome(Map.of(), memory, List.of(), Duration.ZERO, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason.name());
  }

  @Test
  void undecidedCountsFromTheFirstReason() {
    store(decide(BARE, PodSafety.NotListed));
    var later = NOW.plusSeconds(20);
    store(decider.decide(view(BARE, PodSafety.OwnersPending, null), record, later));
    assertThat(record.memory().undecided())
        .isEqualTo(new Undecided(Undecided.Reason.OwnersPending, NOW));
  }

  @Test
  void writesAndSettles() {
    var write = (Write) decide(BARE, PodSafety.Safe);
    assertThat(write.revert()).isFalse();
    assertThat(write.plan().steps()).hasSize(2);
    store(decider.written(view(inPlace(), PodSafety.Safe, null), write, record, NOW));
    assertThat(record.memory().settledFor()).isEqualTo(policy.uid() + "/" + policy.generation());
    assertThat(verdict().findings()).isEmpty();
    assertThat(decide(inPlace(), PodSafety.Unsafe))
        .as("nothing to write, so pods do not matter")
        .isInstanceOf(Outcome.class);
  }

  @Test
  void revertsAnEditEvenIfPodsWouldBeRejected() {
    writesAndSettles();
    var edited = Children.observed(null, Children.quota(policy, policy), List.of(), false);
    var write = (Write) decide(edited, PodSafety.Unsafe);
    assertThat(write.revert()).isTrue();
    var outcome = decider.written(view(inPlace(), PodSafety.Safe, null), write, record, NOW);
    assertThat(outcome.events())
        .extracting(Decision.Event::reason, Decision.Event::note)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("Reverted", "LimitRange was deleted and is back"));
  }

  @Test
  void aContestedNamespaceWaitsAndReportsIt() {
    writesAndSettles();
    var edited = Children.observed(null, Children.quota(policy, policy), List.of(), false);
    Decision decision = decide(edited, PodSafety.Safe);
    for (int i = 0; decision instanceof Write write; i++) {
      assertThat(i).isLessThanOrEqualTo(RevertHistory.FREE_PER_MINUTE);
      store(decider.written(view(inPlace(), PodSafety.Safe, null), write, record, NOW));
      decision = decide(edited, PodSafety.Safe);
    }
    assertThat(store(decision).lookAgain()).isEqualTo(RevertHistory.FIRST_DELAY);
    assertThat(verdict().findings()).extracting(Finding::check).contains(Check.ObjectContested);
  }

  /// An event that arrives during a write is mistaken for its echo.
  @Test
  void reconcilesAgainWhenAnotherWriterWasFaster() {
    var write = (Write) decide(BARE, PodSafety.Safe);
    var outcome = decider.written(view(BARE, PodSafety.Safe, null), write, record, NOW);
    assertThat(outcome.lookAgain()).isPositive().isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void aConflictLeavesTheVerdictOpenAndRetries() {
    var write = (Write) decide(BARE, PodSafety.Safe);
    var view = view(BARE, PodSafety.Safe, null);
    store(decider.failed(view, write, record, Failure.Conflict, FORBIDDEN, NOW));
    assertThat(verdict()).isNull();
    assertThat(record.memory().undecided().reason()).isEqualTo(Undecided.Reason.WriteConflict);
    for (int i = 0; verdict() == null; i++) {
      assertThat(i).isLessThan(10);
      write = (Write) decide(BARE, PodSafety.Safe);
      store(decider.failed(view, write, record, Failure.Conflict, FORBIDDEN, NOW));
    }
    assertThat(verdict().trouble()).as("reported in the end").isEqualTo(FORBIDDEN);
    assertThat(record.memory().undecided()).isNull();
  }

  @Test
  void aRejectedWriteIsReportedAndRetriedWithBackoff() {
    var view = view(BARE, PodSafety.Safe, null);
    var waits = new java.util.ArrayList<Duration>();
    for (int i = 0; i < 9; i++) {
      var write = (Write) decide(BARE, PodSafety.Safe);
      var outcome = decider.failed(view, write, record, Failure.Refused, FORBIDDEN, NOW);
      waits.add(store(outcome).lookAgain());
    }
    assertThat(verdict().trouble()).isEqualTo(FORBIDDEN);
    assertThat(waits).isSorted().endsWith(Duration.ofSeconds(10));
  }

  /// Field case 08: the LimitRange was written, and the quota was refused.
  @Test
  void aRejectedWriteIsTheCauseOfWhatIsStillMissing() {
    var trouble = new Trouble("ExceededQuota", "cannot create resourcequotas: exceeded quota");
    var write = (Write) decide(BARE, PodSafety.Safe);
    var half = Children.observed(Children.limitRange(policy, policy), null, List.of(), false);
    var view = view(half, PodSafety.Safe, null);
    store(decider.failed(view, write, record, Failure.Refused, trouble, NOW));
    assertThat(verdict().findings())
        .extracting(Finding::message)
        .containsExactly("ResourceQuota cgroup-policy is missing; " + trouble.message());

    var verbose = new Trouble("RejectedByAdmission", "no".repeat(5_000));
    store(decider.failed(view, write, record, Failure.Refused, verbose, NOW));
    assertThat(verdict().trouble()).as("the whole of it").isEqualTo(verbose);
    assertThat(verdict().findings())
        .extracting(Finding::message)
        .allSatisfy(message -> assertThat(message).endsWith("nono...").hasSizeLessThan(500));
  }

  @Test
  void aTerminatingNamespaceKeepsItsVerdict() {
    writesAndSettles();
    var before = verdict();
    var write = (Write) decide(BARE, PodSafety.Safe);
    var view = view(BARE, PodSafety.Safe, null);
    store(decider.failed(view, write, record, Failure.Gone, FORBIDDEN, NOW));
    assertThat(verdict()).isSameAs(before);
  }

  @Test
  void withoutAViewOfTheClusterNothingIsWritten() {
    var trouble = new Trouble("CacheNotSynced", "limitranges are not listed yet");
    var outcome = store(decider.decide(view(null, PodSafety.Safe, trouble), record, NOW));
    assertThat(verdict().trouble()).isEqualTo(trouble);
    assertThat(outcome.lookAgain()).isPositive();
  }

  @Test
  void aNewNamespaceGetsAHeadStartOnce() {
    var book = new PolicyBook(List.of(policy), new SystemNamespaces(List.<Glob>of()));
    var view =
        new NamespaceView(
            "a", Map.of(), NOW, book, book.select("a", Map.of()), BARE, null, p -> PodSafety.Safe);
    var outcome = store(decider.decide(view, record, NOW));
    assertThat(outcome.memory().undecided().reason()).isEqualTo(Undecided.Reason.NamespaceNew);
    assertThat(outcome.lookAgain()).isEqualTo(Duration.ofMillis(15));
    var write = (Write) decider.decide(view, record, NOW.plusMillis(15));
    var done = decider.written(view.with(inPlace()), write, record, NOW.plusMillis(25));
    assertThat(done.uncovered()).isEqualTo(Duration.ofMillis(25));
    assertThat(done.memory().undecided()).isNull();
  }

  @Test
  void revertsThatFailAreNoContest() {
    writesAndSettles();
    for (int i = 0; i <= RevertHistory.FREE_PER_MINUTE; i++) {
      var write = (Write) decide(BARE, PodSafety.Safe);
      assertThat(write.revert()).isTrue();
      store(
          decider.failed(
              view(BARE, PodSafety.Safe, null), write, record, Failure.Refused, FORBIDDEN, NOW));
    }
    var write = (Write) decide(BARE, PodSafety.Safe);
    store(decider.written(view(inPlace(), PodSafety.Safe, null), write, record, NOW));
    assertThat(verdict().findings()).isEmpty();
  }

  @Test
  void onlyTheCreationOfTheLimitRangeGoesBeforeWritesToOtherNamespaces() {
    assertThat(urgencies(BARE)).containsExactly(true, false);
    var limitRangeOnly =
        Children.observed(Children.limitRange(policy, policy), null, List.of(), false);
    assertThat(urgencies(limitRangeOnly)).containsExactly(false);
  }

  @Test
  void aRevertGoesBeforeWritesToOtherNamespaces() {
    writesAndSettles();
    var quotaDeleted =
        Children.observed(Children.limitRange(policy, policy), null, List.of(), false);
    assertThat(urgencies(quotaDeleted)).containsExactly(true);
  }

  private List<Boolean> urgencies(Observed objects) {
    var write = (Write) decide(objects, PodSafety.Safe);
    return write.plan().steps().stream().map(write::urgent).toList();
  }

  @Test
  void aNamespaceWhoseWritesAreQueuedIsUndecided() {
    var outcome = store(decider.queued(record, NOW));
    assertThat(outcome.memory().undecided().reason()).isEqualTo(Undecided.Reason.WritesQueued);
    assertThat(outcome.memory().firstSeen()).isEqualTo(NOW);
    assertThat(outcome.lookAgain()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void aNamespaceWhoseWritesAreQueuedKeepsItsVerdictOfTheVersionBefore() {
    writesAndSettles();
    var before = verdict();
    store(decider.queued(record, NOW));
    assertThat(verdict()).isSameAs(before);
  }
}
