package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.PodSummary;
import io.cgrouppolicy.core.kubelet.pressure.PressureAnswer;
import io.cgrouppolicy.core.kubelet.pressure.PressureAnswer.Answered;
import io.cgrouppolicy.shell.kubelet.KubeletReader;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.Node;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// Asks kubelets for their summaries, each on an interval of its own, and remembers the last
/// answers. Apart from [KubeletSurvey] and from the reconcilers: an answer each half minute from
/// thousands of nodes must cost no more than its parsing.
@ApplicationScoped
public class PressureSurvey {
  static final String PATH = "/stats/summary";

  private final FollowedNode.Means means;
  private final Map<String, FollowedNode> followed = new ConcurrentHashMap<>();

  /// What came of the last request.
  ///
  /// @param lastAnswer when the kubelet last gave an answer that could be used, or null
  /// @param since when the kubelet was first to be asked
  record Survey(PressureAnswer answer, Instant lastAnswer, Instant since) {
    Instant good() {
      return lastAnswer == null ? since : lastAnswer;
    }
  }

  @Inject
  PressureSurvey(
      KubeletReader reader, OperatorSettings settings, InstantSource clock, MeterRegistry metrics) {
    this(
        new FollowedNode.Means(
            reader.lane(
                    settings.pressure().concurrency(),
                    Math.toIntExact(settings.pressure().maxBody().asLongValue()))
                ::read,
            settings.pressure().interval(),
            settings.kubelet().timeout(),
            timer(),
            clock),
        metrics);
  }

  PressureSurvey(FollowedNode.Means means, MeterRegistry metrics) {
    this.means = means;
    TimeGauge.builder(
            "cgroup_policy_pressure_oldest_answer_age", this::oldest, TimeUnit.MILLISECONDS)
        .description("How old the oldest of the nodes' last pressure figures is")
        .register(metrics);
  }

  private static FollowedNode.Timer timer() {
    var executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("pressure-survey").daemon().factory());
    executor.setRemoveOnCancelPolicy(true);
    return (delay, task) -> {
      var scheduled = executor.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
      return () -> scheduled.cancel(false);
    };
  }

  /// Age in milliseconds; of a kubelet that has never answered, the time since it was first to be
  /// asked.
  private Number oldest() {
    var now = means.clock().instant();
    return followed.values().stream()
        .map(FollowedNode::latest)
        .flatMap(Optional::stream)
        .mapToLong(survey -> Duration.between(survey.good(), now).toMillis())
        .max()
        .orElse(0);
  }

  /// Asks from now on, at once the first time and when the kubelet may have become another, until
  /// the node is forgotten. While there is an obstacle it is not asked, and that is the answer.
  ///
  /// @param heard called when there is another answer to be had from [#latest]
  void follow(Node node, NodeState state, Runnable heard) {
    var name = node.getMetadata().getName();
    followed.computeIfAbsent(name, n -> new FollowedNode(means, heard)).update(node, state);
  }

  void forget(String node) {
    var gone = followed.remove(node);
    if (gone != null) {
      gone.end();
    }
  }

  Optional<Survey> latest(String node) {
    return Optional.ofNullable(followed.get(node)).flatMap(FollowedNode::latest);
  }

  /// Memory in use by the pods of a node at the last look, in bytes, by NAMESPACE/NAME. Empty for a
  /// node that no policy with pressure thresholds selects, or whose kubelet gave no answer.
  public Map<String, Long> usage(String node) {
    return latest(node).map(Survey::answer).map(PressureSurvey::usage).orElse(Map.of());
  }

  private static Map<String, Long> usage(PressureAnswer answer) {
    return answer instanceof Answered(NodeSummary summary)
        ? summary.pods().stream()
            .filter(pod -> pod.workingSet() >= 0)
            .collect(Collectors.toMap(PodSummary::name, PodSummary::workingSet, Math::max))
        : Map.of();
  }
}
