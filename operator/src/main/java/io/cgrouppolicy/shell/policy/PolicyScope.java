package io.cgrouppolicy.shell.policy;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.kubelet.lint.KubeletLinter;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.cgrouppolicy.core.namespace.NamespaceRecord;
import io.cgrouppolicy.core.pods.NeighbourVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.ComplianceIndex;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.pods.WorkloadReviewer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;

/// The namespaces, pods and nodes that count for a policy, with their verdicts: see
/// [io.cgrouppolicy.core.policy.PolicyBook.Selection].
@ApplicationScoped
class PolicyScope {
  private final ClusterCache cluster;
  private final NodeCache nodes;
  private final ObjectStore<NamespaceRecord> namespaces;
  private final ComplianceIndex<NodeVerdict> nodeVerdicts;
  private final ComplianceIndex<PressureVerdict> pressureVerdicts;
  private final ComplianceIndex<NeighbourVerdict> neighbourVerdicts;
  private final WorkloadReviewer reviewer;

  PolicyScope(
      ClusterCache cluster,
      NodeCache nodes,
      ObjectStore<NamespaceRecord> namespaces,
      ComplianceIndex<NodeVerdict> nodeVerdicts,
      ComplianceIndex<PressureVerdict> pressureVerdicts,
      ComplianceIndex<NeighbourVerdict> neighbourVerdicts,
      WorkloadReviewer reviewer) {
    this.cluster = cluster;
    this.nodes = nodes;
    this.namespaces = namespaces;
    this.nodeVerdicts = nodeVerdicts;
    this.pressureVerdicts = pressureVerdicts;
    this.neighbourVerdicts = neighbourVerdicts;
    this.reviewer = reviewer;
  }

  Namespaces namespaces(CompiledPolicy policy) {
    if (!policy.valid()) {
      return Namespaces.NONE;
    }
    var name = policy.name();
    var leaving = new HashMap<String, Trouble>();
    namespaces
        .all()
        .forEach(
            (namespace, record) -> {
              var verdict = record.verdicts().get(name);
              if (verdict != null
                  && verdict.leaving()
                  && verdict.policyUid().equals(policy.uid())) {
                leaving.put(namespace, verdict.trouble());
              }
            });
    return new Namespaces(
        cluster.judgedBy(name),
        namespace -> namespaces.get(namespace).verdicts().get(name),
        leaving);
  }

  Workloads workloads(CompiledPolicy policy) {
    if (!policy.judgesPods()) {
      return Workloads.NONE;
    }
    return new Workloads(
        name -> namespaces.get(name).workloads().get(policy.name()),
        name -> neighbourVerdicts.get(name).get(policy.name()),
        reviewer.trouble());
  }

  Nodes nodes(CompiledPolicy policy) {
    if (!policy.valid() || policy.spec().nodes() == null) {
      return Nodes.NONE;
    }
    var selected = new ArrayList<String>();
    var facts = new ArrayList<NodeFacts>();
    var book = cluster.book().with(policy);
    for (var node : nodes.nodes()) {
      var labels = node.getMetadata().getLabels();
      if (policy.selectsNode(labels) && book.selectNode(labels).judging().contains(policy)) {
        selected.add(node.getMetadata().getName());
        facts.add(NodeFacts.of(node));
      }
    }
    return new Nodes(
        selected,
        name -> nodeVerdicts.get(name).get(policy.name()),
        name -> pressureVerdicts.get(name).get(policy.name()),
        nodes.trouble(),
        KubeletLinter.lint(policy.spec().nodes().kubelet(), NodeFacts.smallestCapacity(facts)));
  }
}
