package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.Reading;
import io.cgrouppolicy.core.kubelet.SharedConfigurations;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.PodLimits;
import io.cgrouppolicy.core.node.Undecided;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.PlatformDetector;
import io.cgrouppolicy.shell.cluster.PodCache;
import io.cgrouppolicy.shell.kubelet.KubeletReader;
import io.cgrouppolicy.shell.node.Survey.Question;
import io.cgrouppolicy.shell.node.Survey.Schedule;
import io.cgrouppolicy.shell.node.SurveyedNode.Surroundings;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.cgrouppolicy.telemetry.UndecidedAge;
import io.fabric8.kubernetes.api.model.Node;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Owns all that the operator knows of nodes: what their kubelets answered, and what was decided.
///
/// The first [#look] adds a node, and [#forget] removes it with everything about it, verdicts
/// included. The answers of kubelets are judged here and not by a reconciliation, which would cost
/// more than the judging.
///
/// Created at the start, so that a metric and the log warn of unverified kubelets before the first
/// token leaves.
@Startup
@ApplicationScoped
class NodeRegistry {
  private final Predicate<String> exists;
  private final Surroundings surroundings;
  private final Map<String, SurveyedNode> nodes = new ConcurrentHashMap<>();

  @Inject
  NodeRegistry(
      KubeletReader reader,
      OperatorSettings settings,
      NodeCache cache,
      PodCache pods,
      PlatformDetector platform,
      NodePublisher publisher,
      InstantSource clock,
      MeterRegistry metrics) {
    this(
        node -> cache.node(node).isPresent(),
        surroundings(reader, settings, cache, pods, platform, publisher, clock),
        metrics);
  }

  /// @param exists whether the watch shows a node of this name
  NodeRegistry(Predicate<String> exists, Surroundings surroundings, MeterRegistry metrics) {
    this.exists = exists;
    this.surroundings = surroundings;
    gauge("cgroup_policy_kubelet_oldest_answer_age", node -> node.configuration)
        .description("How old the oldest of the kubelets' last usable answers is")
        .register(metrics);
    gauge("cgroup_policy_pressure_oldest_answer_age", node -> node.pressure)
        .description("How old the oldest of the nodes' last pressure figures is")
        .register(metrics);
    UndecidedAge.register(metrics, "Node", surroundings.clock(), this::undecidedSince);
  }

  private static Surroundings surroundings(
      KubeletReader reader,
      OperatorSettings settings,
      NodeCache cache,
      PodCache pods,
      PlatformDetector platform,
      NodePublisher publisher,
      InstantSource clock) {
    var timer = timer();
    var configuration =
        new Question<>(
            "/configz",
            new SharedConfigurations()::parse,
            (node, path) -> reader.read(cached(cache, node), path),
            Schedule.ofConfiguration(settings.kubelet().interval()),
            timer,
            clock);
    var maxBody = Math.toIntExact(settings.pressure().maxBody().asLongValue());
    var lane = reader.lane(settings.pressure().concurrency(), maxBody);
    var pressure =
        new Question<>(
            "/stats/summary",
            NodeSummary::parse,
            (node, path) -> lane.read(cached(cache, node), path),
            Schedule.ofPressure(settings.pressure().interval(), settings.kubelet().timeout()),
            timer,
            clock);
    return new Surroundings(
        configuration,
        pressure,
        node -> pods.synced() ? limits(pods, node) : null,
        platform::platform,
        clock,
        publisher);
  }

  /// A node is looked up when its kubelet is asked: each survey would keep an outdated copy of it.
  private static Node cached(NodeCache cache, String node) {
    return cache
        .node(node)
        .orElseThrow(() -> new IllegalStateException("the node " + node + " is gone"));
  }

  /// Pods are not watched, or the node has none: both leave nothing to say about limits.
  private static PodLimits limits(PodCache pods, String node) {
    var here = pods.onNode(node);
    return here.isEmpty() ? null : PodLimits.of(here);
  }

  /// The JDK's own scheduler, which drops cancelled tasks; it only starts other threads.
  private static Survey.Timer timer() {
    return (delay, task) -> {
      var scheduled =
          ForkJoinPool.commonPool()
              .schedule(
                  () -> Thread.startVirtualThread(task), delay.toMillis(), TimeUnit.MILLISECONDS);
      return () -> scheduled.cancel(false);
    };
  }

  private TimeGauge.Builder<?> gauge(String name, Function<SurveyedNode, Survey<?>> survey) {
    return TimeGauge.builder(name, () -> oldest(survey), TimeUnit.MILLISECONDS);
  }

  private Stream<Instant> undecidedSince() {
    return nodes.values().stream()
        .flatMap(node -> node.memory().undecided().stream())
        .map(Undecided::since);
  }

  private long oldest(Function<SurveyedNode, Survey<?>> survey) {
    Instant now = surroundings.clock().instant();
    return nodes.values().stream()
        .<Reading<?>>map(node -> survey.apply(node).reading())
        .filter(Objects::nonNull)
        .mapToLong(reading -> reading.age(now).toMillis())
        .max()
        .orElse(0);
  }

  /// @param judging the policies that judge the node
  void look(Node node, List<CompiledPolicy> judging) {
    // A reconciliation can overlap the node's deletion. The cache drops the node first, and then
    // forget() waits for this lookup, so a node that is added too late is removed at once.
    var known =
        nodes.computeIfAbsent(
            node.getMetadata().getName(),
            name -> exists.test(name) ? new SurveyedNode(name, surroundings) : null);
    if (known != null) {
      known.look(NodeState.of(node), judging);
    }
  }

  /// Drops a node that is gone.
  void forget(String name) {
    nodes.computeIfPresent(
        name,
        (n, known) -> {
          known.stop();
          surroundings.outcome().remove(n);
          return null;
        });
  }

  /// Before the beans that answers need are gone.
  void stop(@Observes ShutdownEvent event) {
    nodes.values().forEach(SurveyedNode::stop);
  }

  /// Memory in use by the pods of a node, in bytes, by NAMESPACE/NAME. Empty for a node that no
  /// policy with pressure thresholds selects, and after an unusable answer.
  Map<String, Long> workingSets(String node) {
    return Optional.ofNullable(nodes.get(node))
        .flatMap(SurveyedNode::summary)
        .map(NodeSummary::workingSets)
        .orElse(Map.of());
  }

  /// The configuration that the node's kubelet gave last; empty if its latest answer is unusable.
  Optional<KubeletConfiguration> configuration(String node) {
    return Optional.ofNullable(nodes.get(node)).flatMap(SurveyedNode::configuration);
  }

  /// The latest summaries of the nodes that a policy judges.
  List<NodeSummary> summaries(String policy) {
    return nodes.values().stream()
        .filter(node -> node.memory().policies().contains(policy))
        .flatMap(node -> node.summary().stream())
        .toList();
  }
}
