package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.KubeletAnswer;
import io.cgrouppolicy.core.kubelet.judge.KubeletJudge;
import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.ComplianceIndex;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.PlatformDetector;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.shell.cluster.PruningItemStore;
import io.cgrouppolicy.shell.node.KubeletSurvey.Survey;
import io.cgrouppolicy.telemetry.EventRecorder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.MDC;

/// Judges one node by what its kubelet says is in force, and files the verdict. Never writes a
/// Node, and never waits for a kubelet: the answer wakes the node again.
@ControllerConfiguration(
    name = "node",
    fieldManager = Child.MANAGER,
    informer =
        @Informer(
            onUpdateFilter = NodeChanged.class,
            itemStore = PruningItemStore.class,
            comparableResourceVersions = false),
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, maxInterval = 10_000)
public class NodeReconciler implements Reconciler<Node> {
  private final ClusterCache cache;
  private final NodeCache nodes;
  private final ComplianceIndex<NodeVerdict> index;
  private final KubeletSurvey survey;
  private final NodePressure pressure;
  private final PressureGauges gauges;
  private final PlatformDetector platform;
  private final PolicyWaker waker;
  private final NeighbourReviewer neighbours;
  private final EventRecorder events;
  private final InstantSource clock;
  private final Map<String, Counted> counted = new ConcurrentHashMap<>();
  private NodeEventSource source;

  /// What of a node counts for its policies beside the verdict.
  ///
  /// @param policies that count it as theirs
  /// @param capacity for the linter, which looks at the smallest node
  private record Counted(List<String> policies, Map<String, Quantity> capacity) {
    static final Counted NOT = new Counted(List.of(), Map.of());
  }

  NodeReconciler(
      ClusterCache cache,
      NodeCache nodes,
      ComplianceIndex<NodeVerdict> index,
      KubeletSurvey survey,
      NodePressure pressure,
      PressureGauges gauges,
      PlatformDetector platform,
      PolicyWaker waker,
      NeighbourReviewer neighbours,
      EventRecorder events,
      InstantSource clock) {
    this.cache = cache;
    this.nodes = nodes;
    this.index = index;
    this.survey = survey;
    this.pressure = pressure;
    this.gauges = gauges;
    this.platform = platform;
    this.waker = waker;
    this.neighbours = neighbours;
    this.events = events;
    this.clock = clock;
  }

  @Override
  public List<EventSource<?, Node>> prepareEventSources(EventSourceContext<Node> context) {
    gauges.start();
    source =
        new NodeEventSource(cache, nodes, index, context.getPrimaryCache(), waker, this::forget);
    return List.of(source);
  }

  @Override
  public UpdateControl<Node> reconcile(Node node, Context<Node> context) {
    MDC.put("node", node.getMetadata().getName());
    try {
      var again = look(node);
      return again == null
          ? UpdateControl.noUpdate()
          : UpdateControl.<Node>noUpdate().rescheduleAfter(again);
    } finally {
      MDC.remove("node");
    }
  }

  /// Drops what is known of a node that is gone.
  void forget(String name) {
    survey.forget(name);
    pressure.forget(name);
    neighbours.forget(name);
    index.remove(name);
    counted.remove(name);
    cache.book().policies().stream()
        .filter(policy -> policy.spec() != null && policy.spec().nodes() != null)
        .forEach(policy -> waker.wake(policy.name()));
  }

  /// How long until the node must be looked at again, or null for its next event.
  private Duration look(Node node) {
    var name = node.getMetadata().getName();
    var judging = cache.book().selectNode(node.getMetadata().getLabels()).judging();
    var state = NodeState.of(node);
    count(name, judging, state);
    pressure.look(node, state, judging);
    neighbours.changed(name);
    boolean asked = judging.stream().anyMatch(policy -> KubeletJudge.asks(policy.spec().nodes()));
    if (!asked) {
      survey.forget(name);
    }
    if (judging.isEmpty()) {
      index.remove(name);
      return null;
    }
    var obstacle = state.facts().obstacle();
    obstacle.ifPresent(why -> survey.cannotAsk(name, state, why));
    var latest = survey.latest(name).orElse(null);
    var now = clock.instant();
    boolean asks = asked && obstacle.isEmpty();
    boolean due = asks && due(latest, state, now);
    if (due) {
      survey.ask(node, state, () -> answered(name));
    }
    file(name, state, judging, latest, !asks);
    if (!source.knows(name)) {
      forget(name); // gone meanwhile, and forgotten before the verdict was filed
      return null;
    }
    return asks && !due ? Duration.between(now, latest.next()).plusMillis(1) : null;
  }

  /// Wakes the policies for which another set of nodes, or another smallest one, may count now.
  private void count(String name, List<CompiledPolicy> judging, NodeState state) {
    var now =
        judging.isEmpty()
            ? Counted.NOT
            : new Counted(
                judging.stream().map(CompiledPolicy::name).toList(), state.facts().capacity());
    var replaced = judging.isEmpty() ? counted.remove(name) : counted.put(name, now);
    var before = replaced == null ? Counted.NOT : replaced;
    if (!now.equals(before)) {
      Stream.of(before, now).flatMap(c -> c.policies().stream()).distinct().forEach(waker::wake);
    }
  }

  private void answered(String name) {
    if (source.knows(name)) {
      source.wake(name);
    } else {
      survey.forget(name); // gone, and forgotten before its kubelet was asked
    }
  }

  private static boolean due(Survey latest, NodeState state, Instant now) {
    return latest == null || !latest.of().sameKubelet(state) || !now.isBefore(latest.next());
  }

  /// @param known whether the verdict needs no answer: nothing is asked of the kubelet, or it need
  ///     not be asked
  private void file(
      String name, NodeState state, List<CompiledPolicy> judging, Survey latest, boolean known) {
    var verdicts = new HashMap<String, NodeVerdict>();
    KubeletAnswer answer = latest == null ? null : latest.answer();
    for (var policy : judging) {
      if (known || answer != null || !KubeletJudge.asks(policy.spec().nodes())) {
        var judgement =
            KubeletJudge.judge(policy.spec().nodes(), state.facts(), answer, platform.platform());
        verdicts.put(
            policy.name(),
            new NodeVerdict(
                policy.uid(),
                policy.generation(),
                judgement,
                judgement.unanswered() == null || latest == null ? null : latest.lastAnswer()));
      }
    }
    var before = index.get(name);
    index.put(name, verdicts);
    verdicts.forEach((policy, verdict) -> announce(name, policy, before.get(policy), verdict));
  }

  private void announce(String node, String policy, NodeVerdict before, NodeVerdict verdict) {
    for (var finding : verdict.news(before)) {
      events.node(
          node, finding.check().name(), "Judge", "policy " + policy + ": " + finding.message());
    }
  }
}
