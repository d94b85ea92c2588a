package io.cgrouppolicy.shell.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.Reading;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Body;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Failure;
import io.cgrouppolicy.shell.kubelet.Reason;
import io.cgrouppolicy.shell.node.Survey.Question;
import io.cgrouppolicy.shell.node.Survey.Schedule;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class KubeletSurveyTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration INTERVAL = Duration.ofMinutes(5);
  private static final Node NODE = NodeStateTest.node("a");
  private static final Node NOT_READY =
      new NodeBuilder(NODE)
          .editStatus()
          .editFirstCondition()
          .withStatus("Unknown")
          .endCondition()
          .endStatus()
          .build();
  private static final KubeletResponse GOOD = body("{\"kubeletconfig\": {\"podPidsLimit\": 7}}");
  private static final KubeletResponse REFUSED =
      new Failure(Reason.ConnectionRefused, "nothing listens");
  private static final KubeletResponse FORBIDDEN = new Failure(Reason.Forbidden, "no");
  private static final KubeletResponse LATE = new Failure(Reason.Timeout, "took too long");

  /// A task to be run later.
  private record Task(Duration delay, Runnable task) {}

  private final List<CompletableFuture<KubeletResponse>> requests = new ArrayList<>();
  private final List<Task> tasks = new ArrayList<>();
  private final List<String> answered = new ArrayList<>();
  private Instant now = START;
  private boolean broken;
  private final Survey<KubeletConfiguration> survey =
      new Survey<>(
          new Question<>(
              "/configz",
              KubeletConfiguration::parse,
              (node, path) -> {
                assertThat(path).isEqualTo("/configz");
                if (broken) {
                  throw new IllegalStateException("broken");
                }
                requests.add(new CompletableFuture<>());
                return requests.getLast();
              },
              Schedule.ofConfiguration(INTERVAL),
              (delay, task) -> {
                var scheduled = new Task(delay, task);
                tasks.add(scheduled);
                return () -> tasks.remove(scheduled);
              },
              () -> now),
          this,
          () -> answered.add("a"));

  private static KubeletResponse body(String text) {
    return new Body(text.getBytes(StandardCharsets.UTF_8));
  }

  private void ask(Node node) {
    survey.ask(NodeState.of(node));
  }

  private void ask() {
    ask(NODE);
  }

  /// Answers the request in flight, or else the next one.
  private void answer(KubeletResponse response) {
    ask();
    if (!tasks.isEmpty()) {
      timePasses();
    }
    requests.getLast().complete(response);
  }

  private void timePasses() {
    assertThat(tasks).hasSize(1);
    tasks.removeFirst().task().run();
  }

  private Reading<KubeletConfiguration> latest() {
    return survey.reading();
  }

  private Duration untilNext() {
    assertThat(tasks).hasSize(1);
    return tasks.getFirst().delay();
  }

  private Unusable<KubeletConfiguration> unusable() {
    return (Unusable<KubeletConfiguration>) latest().answer();
  }

  @Test
  void asksOnceAtATimeAndPublishesEachAnswer() {
    ask();
    ask();
    assertThat(requests).hasSize(1);
    assertThat(latest()).isNull();
    assertThat(answered).isEmpty();
    requests.getFirst().complete(GOOD);
    assertThat(answered).containsExactly("a");
    assertThat(((Usable<KubeletConfiguration>) latest().answer()).value().podPidsLimit())
        .hasValue(7);
    ask();
    assertThat(requests).as("not due yet").hasSize(1);
    timePasses();
    assertThat(requests).hasSize(2);
    assertThat(tasks).as("a request has no timer: the reader ends it").isEmpty();
  }

  @Test
  void aSilentKubeletIsAskedAgainSooner() {
    answer(GOOD);
    assertThat(untilNext())
        .isBetween(INTERVAL.multipliedBy(9).dividedBy(10), INTERVAL.multipliedBy(11).dividedBy(10));
    answer(LATE);
    assertThat(untilNext())
        .isBetween(INTERVAL.multipliedBy(9).dividedBy(50), INTERVAL.multipliedBy(11).dividedBy(50));
  }

  /// A kubelet that fails at its start answers for a second each time.
  @Test
  void aKubeletThatWasUnreachableMustAnswerThreeTimesInARow() {
    answer(GOOD);
    answer(REFUSED);
    answered.clear();
    answer(GOOD);
    assertThat(untilNext())
        .as("longer than such a kubelet lives")
        .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(11));
    answer(GOOD);
    assertThat(unusable().reason()).isEqualTo("ConnectionRefused");
    answer(REFUSED);
    assertThat(answered).as("only what counts is published").hasSize(1);
    answer(GOOD);
    answer(GOOD);
    assertThat(unusable().reason()).isEqualTo("ConnectionRefused");
    answer(GOOD);
    assertThat(latest().answer()).isInstanceOf(Usable.class);
    assertThat(answered).hasSize(2);
    answer(GOOD);
    assertThat(untilNext()).isGreaterThan(INTERVAL.dividedBy(2));
  }

  @Test
  void aNodeThatIsReadyAgainHasAKubeletThatHasStarted() {
    answer(REFUSED);
    ask(NOT_READY);
    ask();
    requests.getLast().complete(GOOD);
    assertThat(latest().answer()).isInstanceOf(Usable.class);
  }

  @Test
  void theIntervalIsJittered() {
    var times = new ArrayList<Duration>();
    for (int i = 0; i < 20; i++) {
      answer(GOOD);
      times.add(untilNext());
    }
    assertThat(times.stream().distinct().count()).isGreaterThan(10);
  }

  @Test
  void remembersWhenItLastHadAnAnswer() {
    answer(FORBIDDEN);
    assertThat(latest().lastUsable()).isNull();
    now = START.plusSeconds(10);
    answer(GOOD);
    now = START.plusSeconds(20);
    answer(LATE);
    assertThat(latest().lastUsable()).isEqualTo(START.plusSeconds(10));
    assertThat(latest().answer())
        .isEqualTo(new Unusable<>(Check.KubeletUnreachable, "Timeout", "took too long"));
  }

  @Test
  void anAnswerIsAsOldAsTheLastUsableOneOrTheFirstRequest() {
    answer(FORBIDDEN);
    now = START.plusSeconds(100);
    assertThat(latest().age(now)).as("never answered").hasSeconds(100);
    answer(GOOD);
    assertThat(latest().age(now)).isZero();
  }

  @Test
  void aBodyThatIsNoConfigurationIsNoAnswer() {
    answer(body("<html>"));
    assertThat(unusable().check()).isEqualTo(Check.KubeletConfigUnavailable);
    assertThat(unusable().reason()).isEqualTo("Garbage");
  }

  /// A fault of ours must not leave a node without a verdict for ever.
  @Test
  void aBugIsNoAnswer() {
    ask();
    requests.getFirst().completeExceptionally(new IllegalStateException("broken"));
    assertThat(answered).containsExactly("a");
    assertThat(unusable().message()).contains("broken");
    answer(new Body(null));
    assertThat(unusable().reason()).isEqualTo("InternalError");
  }

  @Test
  void aReaderThatFailsIsAskedAgain() {
    broken = true;
    ask();
    assertThat(answered).containsExactly("a");
    assertThat(unusable().message()).contains("broken");
    broken = false;
    timePasses();
    assertThat(requests).hasSize(1);
  }

  @Test
  void theAnswerOfADeletedNodeIsNotUsedForTheNext() {
    ask();
    survey.stop();
    ask();
    assertThat(requests).hasSize(2);
    assertThat(requests.getFirst()).isCancelled();
    requests.getFirst().complete(LATE);
    assertThat(latest()).isNull();
    assertThat(answered).isEmpty();
    requests.getLast().complete(GOOD);
    assertThat(latest().answer()).isInstanceOf(Usable.class);
    assertThat(answered).hasSize(1);
  }

  @Test
  void anAnswerFromBeforeAnObstacleNoLongerCounts() {
    ask(NOT_READY);
    assertThat(latest()).as("never asked").isNull();
    answer(GOOD);
    now = START.plusSeconds(10);
    ask(NOT_READY);
    assertThat(latest().answer()).isEqualTo(NodeState.of(NOT_READY).facts().obstacle().get());
    assertThat(latest().lastUsable()).isEqualTo(START);
    assertThat(tasks).isEmpty();
    ask();
    assertThat(requests).as("asked at once when it can be").hasSize(2);
  }

  /// A timer may fire while something else cancels it.
  @Test
  void aTimerThatFiresTooLateAsksNothing() {
    answer(GOOD);
    var late = tasks.getFirst().task();
    timePasses();
    late.run();
    assertThat(requests).hasSize(2);
    survey.stop();
    late.run();
    assertThat(requests).hasSize(2);
  }
}
