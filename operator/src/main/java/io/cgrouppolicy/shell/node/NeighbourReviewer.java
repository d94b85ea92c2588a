package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.pods.NeighbourRules;
import io.cgrouppolicy.core.pods.NeighbourVerdict;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.Coalescer;
import io.cgrouppolicy.shell.cluster.ComplianceIndex;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.PodCache;
import io.cgrouppolicy.telemetry.EventRecorder;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;

/// Judges the pods of one node at a time for the policies about pods and nodes: which pods endanger
/// which. Woken by pods, by the node and by policies.
@ApplicationScoped
public class NeighbourReviewer {
  private final ClusterCache cluster;
  private final NodeCache nodes;
  private final PodCache pods;
  private final NodeRegistry registry;
  private final ComplianceIndex<NeighbourVerdict> index;
  private final EventRecorder events;
  private final Coalescer coalescer = new Coalescer("neighbour-reviewer", this::review);

  NeighbourReviewer(
      ClusterCache cluster,
      NodeCache nodes,
      PodCache pods,
      NodeRegistry registry,
      ComplianceIndex<NeighbourVerdict> index,
      EventRecorder events) {
    this.cluster = cluster;
    this.nodes = nodes;
    this.pods = pods;
    this.registry = registry;
    this.index = index;
    this.events = events;
  }

  /// The node, its pods, their usage or the policies may have changed. Does not block.
  public void changed(String node) {
    coalescer.mark(node);
  }

  void forget(String node) {
    coalescer.forget(node);
  }

  /// Judges all nodes: their pods were not known before.
  public void all() {
    nodes.nodes().forEach(node -> changed(node.getMetadata().getName()));
  }

  public Map<String, String> failures() {
    return coalescer.failures();
  }

  private void review(String name) {
    var node = nodes.node(name).orElse(null);
    if (node == null) {
      forget(name); // a pod can outlive its node, and can name one that does not exist yet
      return;
    }
    if (!pods.synced()) {
      return; // WorkloadReviewer calls all() once they are
    }
    var book = cluster.book();
    var verdicts = new HashMap<String, NeighbourVerdict>();
    for (var policy : book.selectNode(node.getMetadata().getLabels()).judging()) {
      if (policy.judgesNeighbours()) {
        verdicts.put(
            policy.name(),
            NeighbourRules.verdict(policy, pods.onNode(name), selected(policy, book), usage(name)));
      }
    }
    registry.whilePresent(name, () -> publish(name, verdicts));
  }

  private Function<PodFacts, OptionalLong> usage(String node) {
    var workingSets = registry.workingSets(node);
    return pod -> {
      var bytes = workingSets.get(pod.namespace() + "/" + pod.name());
      return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes);
    };
  }

  private void publish(String name, Map<String, NeighbourVerdict> verdicts) {
    var before = index.get(name);
    index.put(name, verdicts);
    verdicts.forEach((policy, verdict) -> announce(name, policy, before.get(policy), verdict));
  }

  /// Whether the policy judges the namespace of a pod. Looks each namespace up once.
  private Predicate<PodFacts> selected(CompiledPolicy policy, PolicyBook book) {
    var known = new HashMap<String, Boolean>();
    return pod -> known.computeIfAbsent(pod.namespace(), name -> selects(policy, book, name));
  }

  private boolean selects(CompiledPolicy policy, PolicyBook book, String namespace) {
    return cluster
        .namespace(namespace)
        .map(n -> book.select(namespace, n.getMetadata().getLabels()).judging().contains(policy))
        .orElse(false);
  }

  /// Writes an event when a hazard appears on a node; none for the node's first verdict, nor for a
  /// hazard that a change of the policy brings.
  private void announce(
      String node, String policy, NeighbourVerdict before, NeighbourVerdict verdict) {
    if (before != null
        && before.isAsOf(verdict)
        && before.finding() == null
        && verdict.finding() != null) {
      var finding = verdict.finding();
      events.node(
          node, finding.check().name(), "Judge", "policy " + policy + ": " + finding.message());
    }
  }

  void stop(@Observes ShutdownEvent event) {
    coalescer.stop();
  }
}
