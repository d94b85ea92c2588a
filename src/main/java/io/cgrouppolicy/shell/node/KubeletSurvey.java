package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.KubeletAnswer;
import io.cgrouppolicy.core.kubelet.KubeletAnswer.Answered;
import io.cgrouppolicy.core.kubelet.KubeletAnswer.Unanswered;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.KubeletConfigurationException;
import io.cgrouppolicy.shell.kubelet.KubeletReader;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.Node;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/// Asks kubelets for their configuration, and remembers what they said. One request for a node at a
/// time, and none holds a thread: a kubelet that hangs costs a place in the reader's queue.
///
/// There from the start, so that a reader that does not verify kubelets is told of by its metric
/// and in the log before the first token goes out.
@Startup
@ApplicationScoped
class KubeletSurvey {
  private static final String PATH = "/configz";

  /// A kubelet that gave no answer is asked again after a fifth of the interval, as what is wrong
  /// may be mended soon.
  private static final int SOONER = 5;

  private final Reader reader;
  private final InstantSource clock;
  private final Duration interval;
  private final Map<String, Survey> surveys = new ConcurrentHashMap<>();

  /// The request of a node that is under way; none is the same as another, so that the answer to
  /// one that was forgotten is not taken for that to the next.
  private final Map<String, Object> underWay = new ConcurrentHashMap<>();

  /// How a kubelet is asked.
  @FunctionalInterface
  interface Reader {
    /// Never fails but by its answer: see [KubeletReader#read].
    CompletableFuture<KubeletResponse> read(Node node, String path);
  }

  /// What came of the last request.
  ///
  /// @param of what the node was like then
  /// @param next when to ask again
  /// @param lastAnswer when the kubelet last gave an answer that could be used, or null
  /// @param since when the kubelet was first asked
  record Survey(
      NodeState of, KubeletAnswer answer, Instant next, Instant lastAnswer, Instant since) {

    Instant good() {
      return lastAnswer == null ? since : lastAnswer;
    }
  }

  @Inject
  KubeletSurvey(
      KubeletReader reader, OperatorSettings settings, InstantSource clock, MeterRegistry metrics) {
    this(reader::read, settings.kubelet().interval(), clock, metrics);
  }

  KubeletSurvey(Reader reader, Duration interval, InstantSource clock, MeterRegistry metrics) {
    this.reader = reader;
    this.clock = clock;
    this.interval = interval;
    TimeGauge.builder(
            "cgroup_policy_kubelet_oldest_answer_age", this::oldest, TimeUnit.MILLISECONDS)
        .description("How old the oldest of the kubelets' last usable answers is")
        .register(metrics);
  }

  /// Age in milliseconds; of a kubelet that has never answered, the time since it was first asked.
  private Number oldest() {
    var now = clock.instant();
    return surveys.values().stream()
        .mapToLong(survey -> Duration.between(survey.good(), now).toMillis())
        .max()
        .orElse(0);
  }

  Optional<Survey> latest(String node) {
    return Optional.ofNullable(surveys.get(node));
  }

  /// Asks, unless a request is under way.
  ///
  /// @param answered called once the answer can be had from [#latest]
  void ask(Node node, NodeState state, Runnable answered) {
    var name = node.getMetadata().getName();
    var request = new Object();
    if (underWay.putIfAbsent(name, request) != null) {
      return;
    }
    reader
        .read(node, PATH)
        .thenApply(KubeletSurvey::answer)
        .exceptionally(KubeletSurvey::broken)
        .thenAccept(
            answer -> {
              // Forgotten meanwhile: the node is gone, and so is what its kubelet said.
              if (underWay.remove(name, request)) {
                note(name, state, answer);
                answered.run();
              }
            });
  }

  /// Notes that there is no use in asking: what the kubelet said before is of the past, and it is
  /// asked at once when there is use in it again. A kubelet that was never asked stays so.
  void cannotAsk(String node, NodeState state, Unanswered obstacle) {
    surveys.computeIfPresent(
        node,
        (n, before) ->
            new Survey(state, obstacle, clock.instant(), before.lastAnswer(), before.since()));
  }

  private void note(String name, NodeState state, KubeletAnswer answer) {
    var now = clock.instant();
    boolean answered = answer instanceof Answered;
    var next = now.plus(jittered(answered ? interval : interval.dividedBy(SOONER)));
    surveys.compute(
        name,
        (n, before) ->
            new Survey(
                state,
                answer,
                next,
                answered ? now : before == null ? null : before.lastAnswer(),
                before == null ? now : before.since()));
  }

  private static KubeletAnswer answer(KubeletResponse response) {
    return switch (response) {
      case KubeletResponse.Failure failure ->
          new Unanswered(failure.reason().check(), failure.reason().name(), failure.message());
      case KubeletResponse.Body body -> {
        try {
          yield new Answered(KubeletConfiguration.parse(body.bytes()));
        } catch (KubeletConfigurationException e) {
          yield new Unanswered(Check.KubeletConfigUnavailable, "Garbage", e.getMessage());
        }
      }
    };
  }

  private static KubeletAnswer broken(Throwable failure) {
    return new Unanswered(Check.KubeletConfigUnavailable, "InternalError", failure.toString());
  }

  /// Between nine and eleven tenths, so that nodes which came together are not asked together for
  /// ever.
  static Duration jittered(Duration time) {
    return jittered(time, 900);
  }

  /// Between so many thousandths and eleven tenths.
  static Duration jittered(Duration time, int least) {
    return time.multipliedBy(ThreadLocalRandom.current().nextInt(least, 1101)).dividedBy(1000);
  }

  void forget(String node) {
    underWay.remove(node);
    surveys.remove(node);
  }
}
