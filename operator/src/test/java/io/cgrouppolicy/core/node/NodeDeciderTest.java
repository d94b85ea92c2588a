package io.cgrouppolicy.core.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.Exemption;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.MalformedAnswerException;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Reading;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict.State;
import io.cgrouppolicy.core.node.NodeDecision.Event;
import io.cgrouppolicy.core.node.Undecided.Reason;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Policies;
import io.cgrouppolicy.testing.kubelet.Summary;
import io.fabric8.kubernetes.api.model.Quantity;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeDeciderTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final CompiledPolicy PIDS = policy("pids", "kubelet: {podPidsLimit: 100}");
  private static final CompiledPolicy PRESSURE = policy("psi", "pressure: {io: {full: 10}}");
  private static final CompiledPolicy NOTHING = policy("nothing", "");
  private static final Summary QUIET = Summary.quiet();
  private static final String FIRST = "; it has given no figures since the operator started";

  private final NodeFacts ready = node(true, "8");
  private NodeFacts facts = ready;
  private Reading<KubeletConfiguration> configuration;
  private Reading<NodeSummary> pressure;
  private NodeMemory memory = NodeMemory.EMPTY;
  private Instant now = START;

  private static CompiledPolicy policy(String name, String asks) {
    return Policies.compiled(name, "nodes: {selector: {}, " + asks + "}");
  }

  private static NodeFacts node(boolean ready, String cpus) {
    return new NodeFacts(
        "a",
        "v1.36.3",
        "containerd://2.2.0",
        ready,
        false,
        Map.of("cpu", new Quantity(cpus)),
        Map.of(),
        null);
  }

  private NodeDecision decide(CompiledPolicy... policies) {
    var seen = new ObservedNode(facts, configuration, pressure, null, Platform.UPSTREAM);
    var decision = NodeDecider.decide(List.of(policies), seen, memory, now);
    memory = decision.memory();
    return decision;
  }

  private void configured(int podPidsLimit) {
    var json = "{\"kubeletconfig\": {\"podPidsLimit\": " + podPidsLimit + "}}";
    try {
      configuration =
          reading(new Usable<>(KubeletConfiguration.parse(json.getBytes(StandardCharsets.UTF_8))));
    } catch (MalformedAnswerException e) {
      throw new AssertionError(e);
    }
  }

  private void told(Summary summary) {
    try {
      pressure = reading(new Usable<>(NodeSummary.parse(summary.bytes())));
    } catch (MalformedAnswerException e) {
      throw new AssertionError(e);
    }
  }

  private static Summary io(double percent) {
    return Summary.quiet().psi("io", "full", percent, percent);
  }

  private <T> Reading<T> reading(Answer<T> answer) {
    return new Reading<>(answer, answer instanceof Usable ? now : START, START);
  }

  private static <T> Reading<T> silent(Instant lastUsable) {
    return new Reading<>(
        new Unusable<>(Check.KubeletUnreachable, "Timeout", "5 s"), lastUsable, START);
  }

  private List<Check> announced(NodeDecision decision) {
    return decision.events().stream().map(Event::reason).toList();
  }

  private List<Reason> undecided() {
    return memory.undecided().stream().map(Undecided::reason).toList();
  }

  @Test
  void untilTheFirstAnswerItIsUndecidedWithTheReasonAndSinceWhen() {
    decide(PIDS, PRESSURE, NOTHING);
    assertThat(memory.verdicts()).containsOnlyKeys("psi", "nothing");
    assertThat(memory.pressure()).isEmpty();
    assertThat(undecided()).containsExactly(Reason.CONFIGURATION_NOT_READ, Reason.SUMMARY_NOT_READ);
    now = START.plusSeconds(3);
    configured(100);
    decide(PIDS, PRESSURE, NOTHING);
    assertThat(memory.verdicts()).containsOnlyKeys("pids", "psi", "nothing");
    assertThat(memory.undecided()).containsExactly(new Undecided(Reason.SUMMARY_NOT_READ, START));
    told(QUIET);
    decide(PIDS, PRESSURE, NOTHING);
    assertThat(memory.pressure()).containsOnlyKeys("psi");
    assertThat(undecided()).isEmpty();
  }

  @Test
  void anObstacleDecidesWithoutAnAnswer() {
    facts = node(false, "8");
    decide(PIDS, PRESSURE);
    assertThat(undecided()).isEmpty();
    assertThat(memory.verdicts().get("pids").findings().getFirst().actual())
        .isEqualTo("NodeNotReady");
    var verdict = memory.pressure().get("psi");
    assertThat(verdict.state()).isEqualTo(State.UNAVAILABLE);
    assertThat(verdict.findings().getFirst().message()).endsWith(FIRST);
  }

  /// Every way of lacking a verdict is a reason that names what ends it.
  @Test
  void nothingIsMissingWithoutAReason() {
    for (boolean isReady : new boolean[] {true, false}) {
      for (Reading<NodeSummary> summary :
          java.util.Arrays.<Reading<NodeSummary>>asList(null, silent(null), silent(START))) {
        for (Reading<KubeletConfiguration> config :
            java.util.Arrays.<Reading<KubeletConfiguration>>asList(null, silent(null))) {
          facts = node(isReady, "8");
          configuration = config;
          pressure = summary;
          memory = NodeMemory.EMPTY;
          decide(PIDS, PRESSURE);
          assertThat(memory.verdicts().containsKey("pids"))
              .isNotEqualTo(undecided().contains(Reason.CONFIGURATION_NOT_READ));
          assertThat(memory.pressure().containsKey("psi"))
              .isNotEqualTo(undecided().contains(Reason.SUMMARY_NOT_READ));
        }
      }
    }
    for (var reason : Reason.values()) {
      assertThat(reason.wokenBy()).isNotBlank();
    }
  }

  @Test
  void driftThatAppearsIsAnnouncedOnce() {
    configured(4096);
    assertThat(announced(decide(PIDS))).as("the first verdict").isEmpty();
    configured(100);
    assertThat(announced(decide(PIDS))).isEmpty();
    configured(4096);
    var decision = decide(PIDS);
    assertThat(announced(decision)).containsExactly(Check.KubeletPodPidsLimit);
    assertThat(decision.events().getFirst().note()).startsWith("policy pids: ");
    assertThat(announced(decide(PIDS))).isEmpty();
    configuration = silent(START);
    assertThat(announced(decide(PIDS))).containsExactly(Check.KubeletUnreachable);
    assertThat(memory.verdicts().get("pids").lastAnswer().at()).isEqualTo(START);
  }

  @Test
  void pressureThatBeginsIsAnnouncedAndNotAgainForAWhile() {
    told(io(50));
    assertThat(announced(decide(PRESSURE))).as("the first verdict").isEmpty();
    told(QUIET);
    decide(PRESSURE);
    told(io(50));
    assertThat(announced(decide(PRESSURE))).containsExactly(Check.PressureIo);
    now = now.plusSeconds(299);
    told(QUIET);
    decide(PRESSURE);
    told(io(50));
    assertThat(announced(decide(PRESSURE))).as("it comes and goes").isEmpty();
    now = now.plusSeconds(1);
    told(QUIET);
    decide(PRESSURE);
    told(io(50));
    assertThat(announced(decide(PRESSURE))).containsExactly(Check.PressureIo);
    pressure = silent(now);
    assertThat(announced(decide(PRESSURE))).as("missing figures are no news").isEmpty();
    assertThat(memory.pressure().get("psi").findings().getFirst().message())
        .endsWith("; its last figures are of " + now);
  }

  private boolean doubts(Reading<NodeSummary> reading) {
    pressure = reading;
    return decide(PIDS, PRESSURE).askConfiguration();
  }

  private static Reading<NodeSummary> failure(Check check, String reason, Instant lastUsable) {
    return new Reading<>(new Unusable<>(check, reason, "why"), lastUsable, START);
  }

  /// Pressure is requested more often, and its failure triggers a request for the configuration.
  @Test
  void aKubeletThatBecomesUnreachableIsAskedForItsConfigurationAtOnce() {
    configured(100);
    var refused = failure(Check.KubeletUnreachable, "ConnectionRefused", START);
    assertThat(doubts(failure(Check.KubeletUnreachable, "Timeout", null)))
        .as("both have just been asked")
        .isFalse();
    told(QUIET);
    assertThat(doubts(pressure)).isFalse();
    assertThat(doubts(failure(Check.KubeletUnreachable, "Overdue", START)))
        .as("other kubelets are slow")
        .isFalse();
    assertThat(doubts(failure(Check.KubeletUnreachable, "Timeout", START))).isTrue();
    assertThat(doubts(failure(Check.KubeletUnreachable, "Timeout", START))).as("once").isFalse();
    assertThat(doubts(refused)).as("something else").isTrue();
    assertThat(doubts(failure(Check.KubeletUnauthorized, "Forbidden", START)))
        .as("it answers")
        .isFalse();
    assertThat(doubts(refused)).isTrue();
    configuration = silent(START);
    told(QUIET);
    decide(PIDS, PRESSURE);
    assertThat(doubts(refused)).as("nothing to doubt").isFalse();
    configuration = null;
    told(QUIET);
    decide(PIDS, PRESSURE);
    assertThat(doubts(refused)).as("never asked").isFalse();
  }

  @Test
  void agesGrowInSteps() {
    configuration = silent(START);
    pressure = silent(START);
    for (var step :
        Map.of(
                0,
                "",
                59,
                "",
                60,
                ", over 1 minute ago",
                299,
                ", over 2 minutes ago",
                301,
                ", over 5 minutes ago",
                7_100,
                ", over 1 hour ago",
                100_000,
                ", over 1 day ago")
            .entrySet()) {
      now = START.plusSeconds(step.getKey());
      decide(PIDS, PRESSURE);
      assertThat(memory.verdicts().get("pids").findings().getFirst().message())
          .isEqualTo("5 s; it last answered at 2026-01-01T00:00:00Z" + step.getValue());
      assertThat(memory.pressure().get("psi").findings().getFirst().message())
          .isEqualTo("5 s; its last figures are of 2026-01-01T00:00:00Z" + step.getValue());
    }
  }

  @Test
  void aNodeWithoutAKubeletToAskIsNeitherAwaitedNorJudged() {
    facts = new NodeFacts("a", "v1.36.3", "", true, false, Map.of(), Map.of(), Exemption.Fargate);
    decide(PIDS, PRESSURE);
    assertThat(undecided()).isEmpty();
    assertThat(memory.verdicts().get("pids").findings()).isEmpty();
    assertThat(memory.pressure().get("psi").state()).isEqualTo(State.NOT_APPLICABLE);
  }

  @Test
  void aFigureIsReportedAsBeforeUntilItMovesOrThePolicyChanges() {
    told(io(12.4));
    decide(PRESSURE);
    var verdict = memory.pressure().get("psi");
    told(io(12.6));
    decide(PRESSURE);
    assertThat(memory.pressure().get("psi")).isEqualTo(verdict);
    var changed =
        new CompiledPolicy(
            "psi",
            PRESSURE.uid(),
            2,
            PRESSURE.created(),
            PRESSURE.spec(),
            List.of(),
            List.of(),
            null,
            List.of(),
            Map.of());
    decide(changed);
    assertThat(memory.pressure().get("psi").findings().getFirst().actual()).isEqualTo("full 13 %");
  }

  @Test
  void wakesThePoliciesForWhichTheNodesChanged() {
    assertThat(decide(PIDS, NOTHING).wake()).containsExactlyInAnyOrder("pids", "nothing");
    assertThat(decide(PIDS, NOTHING).wake()).isEmpty();
    facts = node(true, "4");
    assertThat(decide(PIDS, NOTHING).wake()).containsExactlyInAnyOrder("pids", "nothing");
    assertThat(decide(NOTHING).wake()).containsExactlyInAnyOrder("pids", "nothing");
    assertThat(memory.verdicts()).containsOnlyKeys("nothing");
    assertThat(decide().wake()).containsExactly("nothing");
    assertThat(memory.verdicts()).isEmpty();
    facts = ready;
    assertThat(decide().wake()).as("of no policy's").isEmpty();
  }
}
