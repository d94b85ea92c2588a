package io.cgrouppolicy.shell.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.KubeletAnswer.Answered;
import io.cgrouppolicy.core.kubelet.KubeletAnswer.Unanswered;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Body;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Failure;
import io.cgrouppolicy.shell.kubelet.Reason;
import io.fabric8.kubernetes.api.model.Node;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KubeletSurveyTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration INTERVAL = Duration.ofMinutes(5);
  private static final Node NODE = NodeStateTest.node("a");
  private static final NodeState STATE = NodeState.of(NODE);
  private static final KubeletResponse GOOD = body("{\"kubeletconfig\": {\"podPidsLimit\": 7}}");
  private static final KubeletResponse LATE = new Failure(Reason.Timeout, "took too long");

  private final List<CompletableFuture<KubeletResponse>> requests = new ArrayList<>();
  private final List<String> answered = new ArrayList<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private Instant now = START;
  private final KubeletSurvey survey =
      new KubeletSurvey(
          (node, path) -> {
            assertThat(path).isEqualTo("/configz");
            var request = new CompletableFuture<KubeletResponse>();
            requests.add(request);
            return request;
          },
          INTERVAL,
          () -> now,
          metrics);

  private static KubeletResponse body(String text) {
    return new Body(text.getBytes(StandardCharsets.UTF_8));
  }

  private void ask() {
    survey.ask(NODE, STATE, () -> answered.add("a"));
  }

  private void answer(KubeletResponse response) {
    ask();
    requests.getLast().complete(response);
  }

  private KubeletSurvey.Survey latest() {
    return survey.latest("a").orElseThrow();
  }

  private double age() {
    return metrics
        .get("cgroup_policy_kubelet_oldest_answer_age")
        .timeGauge()
        .value(TimeUnit.SECONDS);
  }

  @Test
  void asksOnceAtATimeAndTellsWhenThereIsAnAnswer() {
    ask();
    ask();
    assertThat(requests).hasSize(1);
    assertThat(survey.latest("a")).isEmpty();
    assertThat(answered).isEmpty();
    requests.getFirst().complete(GOOD);
    assertThat(answered).containsExactly("a");
    assertThat(((Answered) latest().answer()).config().podPidsLimit()).hasValue(7);
    assertThat(latest().of()).isEqualTo(STATE);
    ask();
    assertThat(requests).hasSize(2);
  }

  @Test
  void aSilentKubeletIsAskedAgainSooner() {
    answer(GOOD);
    assertThat(Duration.between(now, latest().next()))
        .isBetween(INTERVAL.multipliedBy(9).dividedBy(10), INTERVAL.multipliedBy(11).dividedBy(10));
    answer(LATE);
    assertThat(Duration.between(now, latest().next()))
        .isBetween(INTERVAL.multipliedBy(9).dividedBy(50), INTERVAL.multipliedBy(11).dividedBy(50));
  }

  @Test
  void theIntervalIsJittered() {
    var times = new ArrayList<Instant>();
    for (int i = 0; i < 20; i++) {
      answer(GOOD);
      times.add(latest().next());
    }
    assertThat(times.stream().distinct().count()).isGreaterThan(10);
  }

  @Test
  void remembersWhenItLastHadAnAnswer() {
    answer(LATE);
    assertThat(latest().lastAnswer()).isNull();
    now = START.plusSeconds(10);
    answer(GOOD);
    now = START.plusSeconds(20);
    answer(LATE);
    assertThat(latest().lastAnswer()).isEqualTo(START.plusSeconds(10));
    assertThat(latest().answer())
        .isEqualTo(new Unanswered(Check.KubeletUnreachable, "Timeout", "took too long"));
  }

  @Test
  void theMetricIsTheAgeOfTheOldestAnswer() {
    assertThat(age()).isZero();
    answer(GOOD);
    survey.ask(NodeStateTest.node("b"), STATE, () -> answered.add("b"));
    requests.getLast().complete(LATE);
    now = START.plusSeconds(100);
    answer(GOOD);
    assertThat(age()).as("of the one that never answered").isEqualTo(100);
    survey.forget("b");
    assertThat(age()).isZero();
  }

  @Test
  void whatIsNoConfigurationIsNoAnswer() {
    answer(body("<html>"));
    assertThat(latest().answer())
        .isInstanceOfSatisfying(
            Unanswered.class,
            none -> {
              assertThat(none.check()).isEqualTo(Check.KubeletConfigUnavailable);
              assertThat(none.reason()).isEqualTo("Garbage");
            });
  }

  /// A fault of ours must not leave a node without a verdict for ever.
  @Test
  void aFaultOfOursIsNoAnswer() {
    ask();
    requests.getFirst().completeExceptionally(new IllegalStateException("broken"));
    assertThat(answered).containsExactly("a");
    assertThat(latest().answer())
        .isInstanceOfSatisfying(
            Unanswered.class, none -> assertThat(none.message()).contains("broken"));
    answer(new Body(null));
    assertThat(((Unanswered) latest().answer()).reason()).isEqualTo("InternalError");
  }

  @Test
  void theAnswerOfANodeThatIsGoneIsNotTakenForThatOfTheNext() {
    ask();
    survey.forget("a");
    ask();
    assertThat(requests).hasSize(2);
    requests.getFirst().complete(LATE);
    assertThat(survey.latest("a")).isEmpty();
    assertThat(answered).isEmpty();
    requests.getLast().complete(GOOD);
    assertThat(latest().answer()).isInstanceOf(Answered.class);
    assertThat(answered).hasSize(1);
  }

  @Test
  void whatAKubeletSaidBeforeItCouldNotBeAskedIsOfThePast() {
    var obstacle = new Unanswered(Check.KubeletUnreachable, "NodeNotReady", "not Ready");
    survey.cannotAsk("a", STATE, obstacle);
    assertThat(survey.latest("a")).as("never asked").isEmpty();
    answer(GOOD);
    now = START.plusSeconds(10);
    survey.cannotAsk("a", STATE, obstacle);
    assertThat(latest().answer()).isEqualTo(obstacle);
    assertThat(latest().lastAnswer()).isEqualTo(START);
    assertThat(latest().next()).as("asked at once when it can be").isEqualTo(now);
  }
}
