package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Reading;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.PodLimits;
import io.cgrouppolicy.core.node.NodeDecider;
import io.cgrouppolicy.core.node.NodeDecision;
import io.cgrouppolicy.core.node.NodeMemory;
import io.cgrouppolicy.core.node.ObservedNode;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.node.Survey.Question;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// Asks one node's kubelet, and decides by what it answers. This object is the lock for all of it,
/// surveys included.
final class SurveyedNode {
  private static final Logger LOG = Logger.getLogger(SurveyedNode.class);

  private final String name;
  private final Surroundings surroundings;
  final Survey<KubeletConfiguration> configuration;
  final Survey<NodeSummary> pressure;
  private NodeState state;
  private List<CompiledPolicy> policies = List.of();
  private boolean stopped;

  /// What nodes have in common.
  ///
  /// @param pods the limits of a node's pods, or null if unknown
  record Surroundings(
      Question<KubeletConfiguration> configuration,
      Question<NodeSummary> pressure,
      Function<String, PodLimits> pods,
      Supplier<Platform> platform,
      InstantSource clock,
      Outcome outcome) {}

  /// Where decisions go.
  interface Outcome {
    /// What the latest decision remembers.
    NodeMemory memory(String node);

    void publish(String node, NodeDecision decision);

    void remove(String node);
  }

  SurveyedNode(String name, Surroundings surroundings) {
    this.name = name;
    this.surroundings = surroundings;
    this.configuration = new Survey<>(surroundings.configuration(), this, this::answered);
    this.pressure = new Survey<>(surroundings.pressure(), this, this::answered);
  }

  /// Asks the kubelet what the policies need to know, and decides by what is known.
  ///
  /// @param judging the policies that judge the node
  synchronized void look(NodeState now, List<CompiledPolicy> judging) {
    if (stopped) {
      return;
    }
    state = now;
    policies = judging;
    ask(configuration, NodeDecider::needsConfiguration);
    ask(pressure, NodeDecider::needsPressure);
    decide();
  }

  private void ask(Survey<?> survey, Predicate<CompiledPolicy> needs) {
    if (policies.stream().anyMatch(needs)) {
      survey.ask(state);
    } else {
      survey.stop();
    }
  }

  /// A failure must not end the survey, and its caller drops exceptions. Verdicts on an earlier
  /// answer must not stay.
  private void answered() {
    try {
      decide();
    } catch (RuntimeException e) {
      LOG.errorf(e, "judging node %s", name);
      surroundings.outcome().remove(name);
    }
  }

  private void decide() {
    boolean needsPods = policies.stream().anyMatch(NodeDecider::needsPressure);
    boolean needsPlatform = policies.stream().anyMatch(NodeDecider::needsConfiguration);
    var seen =
        new ObservedNode(
            state.facts(),
            configuration.reading(),
            pressure.reading(),
            needsPods ? surroundings.pods().apply(name) : null,
            needsPlatform ? surroundings.platform().get() : Platform.UPSTREAM);
    var decision = NodeDecider.decide(policies, seen, memory(), surroundings.clock().instant());
    for (var waiting : decision.memory().undecided()) {
      LOG.debugf("node %s: %s; waits for %s", name, waiting.reason(), waiting.reason().wokenBy());
    }
    surroundings.outcome().publish(name, decision);
    if (decision.askConfiguration()) {
      configuration.askAgain();
    }
  }

  /// Gives requests up. Nothing is published about the node from now on.
  synchronized void stop() {
    stopped = true;
    configuration.stop();
    pressure.stop();
  }

  NodeMemory memory() {
    return surroundings.outcome().memory(name);
  }

  /// The latest configuration, unless the latest answer is unusable.
  Optional<KubeletConfiguration> configuration() {
    return usable(configuration.reading());
  }

  /// The latest summary, unless the latest answer is unusable.
  Optional<NodeSummary> summary() {
    return usable(pressure.reading());
  }

  private static <T> Optional<T> usable(Reading<T> reading) {
    return reading != null && reading.answer() instanceof Usable<T>(var value)
        ? Optional.of(value)
        : Optional.empty();
  }
}
