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
import java.util.function.Predicate;

/// Looks at the pods of one node at a time, for the policies that are about pods and nodes, and
/// files who endangers whom. Woken by pods, by the node and by policies.
@ApplicationScoped
public class NeighbourReviewer {
  private final ClusterCache cluster;
  private final NodeCache nodes;
  private final PodCache pods;
  private final PodUsage usage;
  private final ComplianceIndex<NeighbourVerdict> index;
  private final EventRecorder events;
  private final Coalescer coalescer = new Coalescer("neighbour-reviewer", this::review);

  NeighbourReviewer(
      ClusterCache cluster,
      NodeCache nodes,
      PodCache pods,
      PodUsage usage,
      ComplianceIndex<NeighbourVerdict> index,
      EventRecorder events) {
    this.cluster = cluster;
    this.nodes = nodes;
    this.pods = pods;
    this.usage = usage;
    this.index = index;
    this.events = events;
  }

  /// The node, its pods, what they use, or what policies say of it may have changed. Does not
  /// block.
  public void changed(String node) {
    coalescer.mark(node);
  }

  public void forget(String node) {
    coalescer.forget(node);
    index.remove(node);
  }

  /// All nodes, as nothing was known before.
  public void all() {
    nodes.nodes().forEach(node -> changed(node.getMetadata().getName()));
  }

  public Map<String, String> failures() {
    return coalescer.failures();
  }

  private void review(String name) {
    var node = nodes.node(name).orElse(null);
    if (node == null) {
      forget(name); // a pod can outlive its node, and can name one that is not there yet
      return;
    }
    if (!pods.synced()) {
      return;
    }
    var book = cluster.book();
    var verdicts = new HashMap<String, NeighbourVerdict>();
    for (var policy : book.selectNode(node.getMetadata().getLabels()).judging()) {
      if (policy.judgesNeighbours()) {
        verdicts.put(
            policy.name(),
            NeighbourRules.verdict(
                policy, pods.onNode(name), selected(policy, book), usage.onNode(name)));
      }
    }
    var before = index.get(name);
    index.put(name, verdicts);
    verdicts.forEach((policy, verdict) -> announce(name, policy, before.get(policy), verdict));
    if (nodes.node(name).isEmpty()) {
      forget(name); // gone meanwhile, and forgotten before the verdict was filed
    }
  }

  /// Whether a pod is in a namespace that counts for the policy; looked up once for each namespace.
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

  /// An event when a node gets its first hazard; none for what was there when it was first looked
  /// at, nor when the policy changed.
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
