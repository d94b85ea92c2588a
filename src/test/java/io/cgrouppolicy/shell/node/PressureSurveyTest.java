package io.cgrouppolicy.shell.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.kubelet.pressure.PressureAnswer.Answered;
import io.cgrouppolicy.core.kubelet.pressure.PressureAnswer.Unanswered;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Body;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Failure;
import io.cgrouppolicy.shell.kubelet.Reason;
import io.cgrouppolicy.shell.node.FollowedNode.Means;
import io.cgrouppolicy.testing.kubelet.Summary;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PressureSurveyTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration INTERVAL = Duration.ofSeconds(30);
  private static final KubeletResponse GOOD = new Body(Summary.quiet().bytes());
  private static final KubeletResponse LATE = new Failure(Reason.Timeout, "took too long");
  private static final Node NODE = NodeStateTest.node("a");

  /// A task to be run later.
  private record Task(Duration delay, Runnable task) {}

  private final List<CompletableFuture<KubeletResponse>> requests = new ArrayList<>();
  private final List<Task> tasks = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private KubeletResponse atOnce;
  private Instant now = START;
  private final PressureSurvey survey =
      new PressureSurvey(
          new Means(
              (node, path) -> {
                assertThat(path).isEqualTo("/stats/summary");
                requests.add(
                    atOnce == null
                        ? new CompletableFuture<>()
                        : CompletableFuture.completedFuture(atOnce));
                return requests.getLast();
              },
              INTERVAL,
              Duration.ofSeconds(5),
              (delay, task) -> {
                var scheduled = new Task(delay, task);
                tasks.add(scheduled);
                return () -> tasks.remove(scheduled);
              },
              () -> now),
          metrics);

  private void follow(UnaryOperator<NodeBuilder> change) {
    var node = change.apply(new NodeBuilder(NODE)).build();
    survey.follow(node, NodeState.of(node), () -> heard.add("a"));
  }

  private void follow() {
    follow(n -> n);
  }

  private void answer(KubeletResponse response) {
    requests.getLast().complete(response);
  }

  private void timePasses() {
    assertThat(tasks).hasSize(1);
    tasks.removeFirst().task().run();
  }

  private Unanswered silence() {
    return (Unanswered) survey.latest("a").orElseThrow().answer();
  }

  private double age() {
    return metrics
        .get("cgroup_policy_pressure_oldest_answer_age")
        .timeGauge()
        .value(TimeUnit.SECONDS);
  }

  @Test
  void asksAtOnceAndThenAgainAndAgainOneRequestAtATime() {
    follow();
    follow();
    assertThat(requests).hasSize(1);
    assertThat(survey.latest("a")).isEmpty();
    assertThat(survey.usage("a")).isEmpty();
    answer(GOOD);
    assertThat(heard).hasSize(1);
    assertThat(survey.latest("a").orElseThrow().answer()).isInstanceOf(Answered.class);
    assertThat(survey.usage("a")).containsOnlyKeys("bounded/forkbomb", "bounded/plain");
    follow();
    assertThat(requests).as("its time has not come").hasSize(1);
    timePasses();
    assertThat(requests).hasSize(2);
    follow();
    assertThat(requests).hasSize(2);
  }

  @Test
  void theFirstTurnsAreSpreadOverTheIntervalAndLaterOnesJittered() {
    var first = new ArrayList<Duration>();
    for (int i = 0; i < 50; i++) {
      follow();
      answer(GOOD);
      first.add(tasks.getFirst().delay());
      survey.forget("a");
    }
    assertThat(first).allMatch(d -> d.compareTo(INTERVAL.multipliedBy(11).dividedBy(10)) <= 0);
    assertThat(first).anyMatch(d -> d.compareTo(INTERVAL.dividedBy(2)) < 0);
    follow();
    answer(GOOD);
    for (int i = 0; i < 20; i++) {
      timePasses();
      answer(i % 2 == 0 ? LATE : GOOD);
      assertThat(tasks.getFirst().delay())
          .as("no sooner after silence")
          .isBetween(Duration.ofSeconds(27), Duration.ofSeconds(33));
    }
  }

  @Test
  void remembersWhenItLastHadFigures() {
    follow();
    answer(LATE);
    assertThat(survey.latest("a").orElseThrow().lastAnswer()).isNull();
    now = START.plusSeconds(10);
    assertThat(age()).isEqualTo(10);
    timePasses();
    answer(GOOD);
    assertThat(age()).isZero();
    now = START.plusSeconds(50);
    timePasses();
    answer(LATE);
    assertThat(silence()).isEqualTo(new Unanswered("Timeout", "took too long"));
    assertThat(survey.latest("a").orElseThrow().lastAnswer()).isEqualTo(START.plusSeconds(10));
    assertThat(age()).isEqualTo(40);
    assertThat(survey.usage("a")).isEmpty();
    survey.forget("a");
    assertThat(age()).isZero();
    assertThat(tasks).isEmpty();
  }

  @Test
  void whatIsNoSummaryIsNoAnswerNorIsAFaultOfOurs() {
    follow();
    answer(new Body("<html>".getBytes(StandardCharsets.UTF_8)));
    assertThat(silence().reason()).isEqualTo("Garbage");
    timePasses();
    requests.getLast().completeExceptionally(new IllegalStateException("broken"));
    assertThat(silence().reason()).isEqualTo("InternalError");
    assertThat(heard).hasSize(2);
  }

  @Test
  void anObstacleIsTheAnswerUntilItIsGone() {
    follow();
    answer(GOOD);
    follow(
        n -> n.editStatus().editFirstCondition().withStatus("Unknown").endCondition().endStatus());
    assertThat(silence().reason()).isEqualTo("NodeNotReady");
    assertThat(tasks).as("it is not asked").isEmpty();
    follow();
    assertThat(requests).as("at once").hasSize(2);
    follow(n -> n.editMetadata().addToLabels("type", "virtual-kubelet").endMetadata());
    assertThat(requests.getLast()).isCancelled();
    assertThat(silence().reason()).isEqualTo("VirtualKubelet");
    follow();
    assertThat(requests).hasSize(3);
  }

  @Test
  void theAnswerOfAKubeletThatIsAnotherNowDoesNotCount() {
    follow();
    follow(n -> n.editStatus().editNodeInfo().withBootID("another").endNodeInfo().endStatus());
    assertThat(requests).hasSize(2);
    assertThat(requests.getFirst()).isCancelled();
    assertThat(heard).isEmpty();
    survey.forget("a");
    answer(GOOD);
    assertThat(survey.latest("a")).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void figuresDoNotGrowOldUnseenWhileARequestWaitsInLine() {
    follow();
    timePasses();
    assertThat(survey.latest("a")).as("nothing was known before").isEmpty();
    answer(GOOD);
    timePasses();
    assertThat(tasks.getFirst().delay()).isEqualTo(Duration.ofSeconds(35));
    timePasses();
    assertThat(silence().reason()).isEqualTo("Overdue");
    assertThat(heard).hasSize(2);
    answer(LATE);
    assertThat(silence().reason()).as("it had its turn").isEqualTo("Timeout");
    timePasses();
    timePasses();
    assertThat(silence().reason()).as("still").isEqualTo("Timeout");
  }

  @Test
  void anAnswerAtOnceIsOne() {
    atOnce = new Failure(Reason.NoAddress, "none");
    follow();
    assertThat(silence().reason()).isEqualTo("NoAddress");
    assertThat(heard).hasSize(1);
    timePasses();
    assertThat(requests).hasSize(2);
  }
}
