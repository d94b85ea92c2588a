package io.cgrouppolicy.shell.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.node.NodeDecision;
import io.cgrouppolicy.core.node.NodeMemory;
import io.cgrouppolicy.core.node.Undecided;
import io.cgrouppolicy.core.node.Undecided.Reason;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Body;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Failure;
import io.cgrouppolicy.shell.node.Survey.Parser;
import io.cgrouppolicy.shell.node.Survey.Question;
import io.cgrouppolicy.shell.node.Survey.Schedule;
import io.cgrouppolicy.shell.node.SurveyedNode.Outcome;
import io.cgrouppolicy.shell.node.SurveyedNode.Surroundings;
import io.cgrouppolicy.testing.Policies;
import io.cgrouppolicy.testing.kubelet.Summary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NodeRegistryTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration INTERVAL = Duration.ofMinutes(5);
  private static final List<CompiledPolicy> BOTH =
      List.of(
          Policies.compiled(
              "p",
              "nodes: {selector: {}, kubelet: {podPidsLimit: 100}, pressure: {io: {full: 10}}}"));
  private static final KubeletResponse CONFIGURATION =
      new Body("{\"kubeletconfig\": {\"podPidsLimit\": 7}}".getBytes(StandardCharsets.UTF_8));
  private static final KubeletResponse SUMMARY = new Body(Summary.quiet().bytes());
  private static final KubeletResponse LATE =
      new Failure(io.cgrouppolicy.shell.kubelet.Reason.Timeout, "took too long");

  private final Set<String> cluster = new HashSet<>(List.of("a", "b"));
  private final Map<String, CompletableFuture<KubeletResponse>> requests = new HashMap<>();
  private final List<Runnable> timers = new ArrayList<>();
  private final Map<String, NodeDecision> published = new HashMap<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private Instant now = START;
  private Runnable whileLooking = () -> {};

  private final Outcome outcome =
      new Outcome() {
        @Override
        public NodeMemory memory(String node) {
          var latest = published.get(node);
          return latest == null ? NodeMemory.EMPTY : latest.memory();
        }

        @Override
        public void publish(String node, NodeDecision decision) {
          published.put(node, decision);
        }

        @Override
        public void remove(String node) {
          published.remove(node);
        }
      };

  private final NodeRegistry registry =
      new NodeRegistry(
          cluster::contains,
          new Surroundings(
              question("/configz", KubeletConfiguration::parse, Schedule.ofConfiguration(INTERVAL)),
              question(
                  "/stats/summary",
                  NodeSummary::parse,
                  Schedule.ofPressure(INTERVAL, Duration.ofSeconds(5))),
              node -> null,
              () -> {
                whileLooking.run();
                return Platform.UPSTREAM;
              },
              () -> now,
              outcome),
          metrics);

  private <T> Question<T> question(String path, Parser<T> parser, Schedule schedule) {
    return new Question<>(
        path,
        parser,
        (node, p) -> {
          var request = new CompletableFuture<KubeletResponse>();
          requests.put(node + p, request);
          return request;
        },
        schedule,
        (delay, task) -> {
          timers.add(task);
          return () -> timers.remove(task);
        },
        () -> now);
  }

  private void look(String node) {
    registry.look(NodeStateTest.node(node), BOTH);
  }

  private void delete(String node) {
    cluster.remove(node);
    registry.forget(node);
  }

  private void answer(String request, KubeletResponse response) {
    requests.get(request).complete(response);
  }

  private double age(String what) {
    return metrics
        .get("cgroup_policy_" + what + "_oldest_answer_age")
        .timeGauge()
        .value(TimeUnit.SECONDS);
  }

  private double undecidedSeconds() {
    return metrics.get("cgroup_policy_undecided_age").timeGauge().value(TimeUnit.SECONDS);
  }

  private List<Reason> undecided(String node) {
    return outcome.memory(node).undecided().stream().map(Undecided::reason).toList();
  }

  private void nothingIsLeftOf(String node) {
    assertThat(published).doesNotContainKey(node);
    assertThat(requests.entrySet())
        .filteredOn(request -> request.getKey().startsWith(node))
        .allMatch(request -> request.getValue().isDone());
    assertThat(timers).isEmpty();
    assertThat(undecided(node)).isEmpty();
  }

  @Test
  void asksAndPublishesWithoutAnotherLook() {
    assertThat(undecided("a")).isEmpty();
    look("a");
    assertThat(undecided("a"))
        .containsExactly(Reason.CONFIGURATION_NOT_READ, Reason.SUMMARY_NOT_READ);
    now = now.plusSeconds(7);
    assertThat(undecidedSeconds()).isEqualTo(7);
    answer("a/configz", CONFIGURATION);
    assertThat(undecided("a")).containsExactly(Reason.SUMMARY_NOT_READ);
    assertThat(published.get("a").memory().verdicts()).containsOnlyKeys("p");
    answer("a/stats/summary", SUMMARY);
    assertThat(undecided("a")).isEmpty();
    assertThat(undecidedSeconds()).isZero();
    assertThat(published.get("a").memory().pressure()).containsOnlyKeys("p");
    assertThat(registry.workingSets("a")).containsOnlyKeys("bounded/forkbomb", "bounded/plain");
    assertThat(registry.summaries("p")).hasSize(1);
    assertThat(registry.summaries("q")).isEmpty();
    assertThat(timers).as("each will be asked again").hasSize(2);
  }

  @Test
  void aKubeletThatRefusesItsSummaryIsAskedForItsConfigurationAtOnce() {
    look("a");
    answer("a/configz", CONFIGURATION);
    answer("a/stats/summary", SUMMARY);
    assertThat(requests.get("a/configz")).isDone();
    List.copyOf(timers).getLast().run(); // the next summary
    answer("a/stats/summary", LATE);
    assertThat(requests.get("a/configz")).as("asked again").isNotDone();
    assertThat(timers).as("and by no timer too").hasSize(1);
    answer("a/configz", LATE);
    assertThat(published.get("a").memory().verdicts().get("p").findings().getFirst().actual())
        .isEqualTo("Timeout");
  }

  @Test
  void unusableSummariesHaveNoFigures() {
    look("a");
    answer("a/stats/summary", LATE);
    assertThat(registry.workingSets("a")).isEmpty();
    assertThat(registry.summaries("p")).isEmpty();
  }

  @Test
  void aNodeThatNoPolicyAsksAboutIsForgottenByItsSurveys() {
    look("a");
    answer("a/configz", CONFIGURATION);
    registry.look(NodeStateTest.node("a"), List.of());
    assertThat(requests.values()).allMatch(CompletableFuture::isDone);
    assertThat(timers).isEmpty();
    assertThat(published.get("a").memory().verdicts()).isEmpty();
    assertThat(age("kubelet")).isZero();
    look("a");
    assertThat(undecided("a")).hasSize(2);
    assertThat(requests.values()).as("asked again at once").noneMatch(CompletableFuture::isDone);
  }

  @Test
  void aNodeThatIsDeletedAtAnyStepLeavesNothing() {
    List<Runnable> steps =
        List.of(
            () -> look("a"),
            () -> answer("a/configz", CONFIGURATION),
            () -> answer("a/stats/summary", SUMMARY),
            () -> List.copyOf(timers).forEach(Runnable::run),
            () -> answer("a/configz", LATE),
            () -> answer("a/stats/summary", LATE));
    for (int deleted = 0; deleted <= steps.size(); deleted++) {
      cluster.add("a");
      requests.clear();
      steps.subList(0, deleted).forEach(Runnable::run);
      delete("a");
      nothingIsLeftOf("a");
      look("a");
      nothingIsLeftOf("a");
      if (deleted > 0) {
        for (var step : steps.subList(deleted, steps.size())) {
          step.run();
          nothingIsLeftOf("a");
        }
      }
    }
  }

  @Test
  void aNodeThatIsDeletedDuringALookLeavesNothing() throws InterruptedException {
    var deletion = Thread.ofVirtual().unstarted(() -> delete("a"));
    whileLooking = deletion::start;
    look("a");
    deletion.join();
    nothingIsLeftOf("a");
  }

  @Test
  void aStopGivesRequestsUpAndPublishesNothingMore() {
    look("a");
    answer("a/configz", CONFIGURATION);
    var last = published.get("a");
    registry.stop(null);
    assertThat(requests.values()).allMatch(CompletableFuture::isDone);
    assertThat(timers).isEmpty();
    look("a");
    assertThat(published.get("a")).isSameAs(last);
  }

  @Test
  void theMetricsAreTheAgeOfTheOldestAnswer() {
    assertThat(age("kubelet")).isZero();
    look("a");
    look("b");
    assertThat(age("kubelet")).isZero();
    answer("a/configz", CONFIGURATION);
    answer("b/configz", LATE);
    answer("b/stats/summary", SUMMARY);
    now = START.plusSeconds(100);
    assertThat(age("kubelet")).as("of the one that never answered").isEqualTo(100);
    assertThat(age("pressure")).isEqualTo(100);
    delete("b");
    assertThat(age("pressure")).isZero();
    delete("a");
    assertThat(age("kubelet")).isZero();
  }
}
