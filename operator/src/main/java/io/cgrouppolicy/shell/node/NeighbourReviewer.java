package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.node.NodeDecider;
import io.cgrouppolicy.core.node.NodeRecord;
import io.cgrouppolicy.core.pods.NeighbourRules;
import io.cgrouppolicy.core.pods.NeighbourVerdict;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.Coalescer;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.cluster.PodCache;
import io.cgrouppolicy.telemetry.EventRecorder;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// Judges the pods of one node at a time for the policies about pods and nodes: which pods endanger
/// which. Woken by pods, by the node and by policies.
@ApplicationScoped
public class NeighbourReviewer {
  private final ClusterCache cluster;
  private final NodeCache nodes;
  private final PodCache pods;
  private final NodeRegistry registry;
  private final ObjectStore<NodeRecord> store;
  private final EventRecorder events;
  private final Coalescer coalescer = new Coalescer("neighbour-reviewer", this::review);

  NeighbourReviewer(
      ClusterCache cluster,
      NodeCache nodes,
      PodCache pods,
      NodeRegistry registry,
      ObjectStore<NodeRecord> store,
      EventRecorder events) {
    this.cluster = cluster;
    this.nodes = nodes;
    this.pods = pods;
    this.registry = registry;
    this.store = store;
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
    var node = nodes.node(name);
    if (node.isEmpty()) {
      forget(name); // a pod can outlive its node, and can name one that does not exist yet
      return;
    }
    if (!pods.synced()) {
      return; // WorkloadReviewer calls all() once they are
    }
    var here = NodeFacts.of(node.get()).isMachine() ? pods.onNode(name) : List.<PodFacts>of();
    var before = store.get(name);
    var verdicts = new HashMap<String, NeighbourVerdict>();
    for (var policy : nodes.selection(name).judging()) {
      if (policy.judgesNeighbours() && isUsageKnown(policy, before)) {
        var usage = NeighbourRules.usage(registry.workingSets(name));
        verdicts.put(policy.name(), NeighbourRules.verdict(policy, here, selected(policy), usage));
      }
    }
    store.update(name, record -> record.withNeighbours(verdicts));
    verdicts.forEach(
        (policy, verdict) -> announce(name, policy, before.neighbours().get(policy), verdict));
  }

  /// The first verdict waits for the kubelet's first answer, as that on pressure does: the finding
  /// shows how much memory the pods use.
  private static boolean isUsageKnown(CompiledPolicy policy, NodeRecord record) {
    return !NodeDecider.needsPressure(policy) || record.pressure().containsKey(policy.name());
  }

  /// Whether the policy judges the namespace of a pod. Looks each namespace up once.
  private Predicate<PodFacts> selected(CompiledPolicy policy) {
    var known = new HashMap<String, Boolean>();
    return pod ->
        known.computeIfAbsent(
            pod.namespace(), name -> cluster.selection(name).judging().contains(policy));
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
