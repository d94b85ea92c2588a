package io.cgrouppolicy.shell.policy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.lint.KubeletLinter;
import io.cgrouppolicy.core.namespace.NamespaceRecord;
import io.cgrouppolicy.core.node.NodeRecord;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import io.cgrouppolicy.core.status.Reports;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.pods.WorkloadReviewer;
import io.fabric8.kubernetes.api.model.Namespace;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;

/// The namespaces, pods and nodes that count for a policy, with their verdicts: see
/// [io.cgrouppolicy.core.policy.PolicyBook.Selection].
@ApplicationScoped
class PolicyScope {
  private final ClusterCache cluster;
  private final NodeCache nodes;
  private final ObjectStore<NamespaceRecord> namespaces;
  private final ObjectStore<NodeRecord> nodeRecords;
  private final WorkloadReviewer reviewer;

  PolicyScope(
      ClusterCache cluster,
      NodeCache nodes,
      ObjectStore<NamespaceRecord> namespaces,
      ObjectStore<NodeRecord> nodeRecords,
      WorkloadReviewer reviewer) {
    this.cluster = cluster;
    this.nodes = nodes;
    this.namespaces = namespaces;
    this.nodeRecords = nodeRecords;
    this.reviewer = reviewer;
  }

  /// Everything that the policy's status is built from.
  ///
  /// @param previous the status last written, or null
  /// @param remedy why the remedy could not be published, or null
  /// @param reports what is known of the policy's reports; null if the operator writes none
  Input input(
      CompiledPolicy policy,
      CgroupPolicyStatus previous,
      Trouble remedy,
      Reports reports,
      Instant now) {
    var trouble = cluster.trouble(); // before the verdicts that it could make useless
    return new Input(
        policy,
        previous,
        namespaces(policy),
        nodes(policy),
        workloads(policy),
        trouble,
        remedy,
        reports,
        now);
  }

  private Namespaces namespaces(CompiledPolicy policy) {
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
    var selected = cluster.judgedBy(name);
    boolean overruled =
        selected.isEmpty()
            && cluster.namespaces().stream()
                .map(Namespace::getMetadata)
                .anyMatch(m -> cluster.book().selects(policy, m.getName(), m.getLabels()));
    return new Namespaces(
        selected, namespace -> namespaces.get(namespace).verdicts().get(name), leaving, overruled);
  }

  private Workloads workloads(CompiledPolicy policy) {
    if (!policy.judgesPods()) {
      return Workloads.NONE;
    }
    return new Workloads(
        name -> namespaces.get(name).workloads().get(policy.name()),
        node -> nodeRecords.get(node).neighbours().get(policy.name()),
        reviewer.trouble());
  }

  private Nodes nodes(CompiledPolicy policy) {
    if (!policy.valid() || policy.spec().nodes() == null) {
      return Nodes.NONE;
    }
    var selected = nodes.judgedBy(policy.name());
    return new Nodes(
        selected,
        node -> nodeRecords.get(node).verdicts().get(policy.name()),
        node -> nodeRecords.get(node).pressure().get(policy.name()),
        nodes.trouble(),
        KubeletLinter.lint(policy.spec().nodes().kubelet(), facts(policy)),
        selected.isEmpty()
            && nodes.nodes().stream()
                .anyMatch(node -> policy.selectsNode(node.getMetadata().getLabels())));
  }

  /// The nodes that the policy judges and that have a kubelet.
  List<NodeFacts> facts(CompiledPolicy policy) {
    return nodes.judgedBy(policy.name()).stream()
        .flatMap(node -> nodes.node(node).stream())
        .map(NodeFacts::of)
        .filter(node -> node.exemption() == null)
        .toList();
  }
}
