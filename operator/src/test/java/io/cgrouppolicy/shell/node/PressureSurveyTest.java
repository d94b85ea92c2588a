package io.cgrouppolicy.shell.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Body;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Failure;
import io.cgrouppolicy.shell.kubelet.Reason;
import io.cgrouppolicy.shell.node.Survey.Question;
import io.cgrouppolicy.shell.node.Survey.Schedule;
import io.cgrouppolicy.testing.kubelet.Summary;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
  private KubeletResponse atOnce;
  private Instant now = START;
  private final Survey<NodeSummary> survey =
      new Survey<>(
          new Question<>(
              "/stats/summary",
              NodeSummary::parse,
              (node, path) -> {
                assertThat(path).isEqualTo("/stats/summary");
                requests.add(
                    atOnce == null
                        ? new CompletableFuture<>()
                        : CompletableFuture.completedFuture(atOnce));
                return requests.getLast();
              },
              Schedule.ofPressure(INTERVAL, Duration.ofSeconds(5)),
              (delay, task) -> {
                var scheduled = new Task(delay, task);
                tasks.add(scheduled);
                return () -> tasks.remove(scheduled);
              },
              () -> now),
          this,
          () -> heard.add("a"));

  private void follow(UnaryOperator<NodeBuilder> change) {
    var node = change.apply(new NodeBuilder(NODE)).build();
    survey.ask(NodeState.of(node));
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

  private Unusable<NodeSummary> silence() {
    return (Unusable<NodeSummary>) survey.reading().answer();
  }

  private long age() {
    return survey.reading().age(now).toSeconds();
  }

  @Test
  void asksAtOnceAndThenAgainAndAgainOneRequestAtATime() {
    follow();
    follow();
    assertThat(requests).hasSize(1);
    assertThat(survey.reading()).isNull();
    answer(GOOD);
    assertThat(heard).hasSize(1);
    assertThat(survey.reading().answer()).isInstanceOf(Usable.class);
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
      survey.stop();
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
    assertThat(survey.reading().lastUsable()).isNull();
    now = START.plusSeconds(10);
    assertThat(age()).isEqualTo(10);
    timePasses();
    answer(GOOD);
    assertThat(age()).isZero();
    now = START.plusSeconds(50);
    timePasses();
    answer(LATE);
    assertThat(silence())
        .isEqualTo(new Unusable<>(Check.KubeletUnreachable, "Timeout", "took too long"));
    assertThat(survey.reading().lastUsable()).isEqualTo(START.plusSeconds(10));
    assertThat(age()).isEqualTo(40);
    survey.stop();
    assertThat(survey.reading()).isNull();
    assertThat(tasks).isEmpty();
  }

  @Test
  void neitherABodyThatIsNoSummaryNorABugIsAnAnswer() {
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
  void theAnswerOfAReplacedKubeletDoesNotCount() {
    follow();
    follow(n -> n.editStatus().editNodeInfo().withBootID("another").endNodeInfo().endStatus());
    assertThat(requests).hasSize(2);
    assertThat(requests.getFirst()).isCancelled();
    assertThat(heard).isEmpty();
    survey.stop();
    answer(GOOD);
    assertThat(survey.reading()).isNull();
    assertThat(heard).isEmpty();
  }

  @Test
  void figuresDoNotGrowOldUnseenWhileARequestWaitsInLine() {
    follow();
    timePasses();
    assertThat(survey.reading()).as("nothing was known before").isNull();
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
