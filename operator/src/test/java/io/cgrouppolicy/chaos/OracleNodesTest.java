package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.testing.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NamespaceCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NodeCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PressureCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.WorkloadCounts;
import io.cgrouppolicy.chaos.World.Kubelet;
import io.cgrouppolicy.testing.kubelet.Recordings;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The oracle must find each node that counts wrongly.
class OracleNodesTest extends OracleFixture {
  private static final String NODES =
      DEFAULTS
          + "mode: Audit, nodes: {selector: {}, kubelet: {podPidsLimit: 4096, systemReserved: {memory:"
          + " 1Gi}}, pressure: {memory: {some: 10}}}";

  private static final NodeCounts COMPLIANT = new NodeCounts(1, 1, 0, 0, 0, "1/1");
  private static final NodeCounts DRIFTED = new NodeCounts(1, 0, 1, 0, 0, "0/1");

  private static Kubelet kubelet(int pids, String reserved, String summary) {
    var configz = Recordings.json("configz-defaults.json");
    configz.withObject("/kubeletconfig").put("podPidsLimit", pids);
    configz.withObject("/kubeletconfig/systemReserved").put("memory", reserved);
    return new Kubelet(configz, Recordings.json(summary));
  }

  private List<String> nodes(String spec, NodeCounts counts, PressureCounts pressure) {
    limitRange = null;
    quota = null;
    var of = policy("p", spec);
    var namespaces =
        of.getSpec().namespaces() == null ? null : new NamespaceCounts(1, 1, 0, 0, "1/1");
    var workloads = namespaces == null ? null : new WorkloadCounts(pods.size(), pods.size() - 1, 1);
    return differences(
        with(
            of,
            "Audited",
            namespaces,
            workloads,
            null,
            counts,
            pressure,
            namespaces == null ? 0 : 1));
  }

  @Test
  void findsAKubeletThatDrifted() {
    var normal = new PressureCounts(1, 0, 0, 0);
    kubelets.put("n", kubelet(4096, "1Gi", "stats-summary.json"));
    assertThat(nodes(NODES, COMPLIANT, normal)).isEmpty();
    assertThat(nodes(NODES, DRIFTED, normal)).hasSize(1);
    for (var drifted :
        List.of(
            kubelet(4097, "1Gi", "stats-summary.json"),
            kubelet(-1, "1Gi", "stats-summary.json"),
            kubelet(4096, "1023Mi", "stats-summary.json"))) {
      kubelets.put("n", drifted);
      assertThat(nodes(NODES, COMPLIANT, normal)).hasSize(1);
      assertThat(nodes(NODES, DRIFTED, normal)).isEmpty();
    }
  }

  @Test
  void findsAKubeletThatIsSilent() {
    kubelets.put("n", Kubelet.SILENT);
    assertThat(nodes(NODES, COMPLIANT, new PressureCounts(1, 0, 0, 0))).hasSize(2);
    assertThat(nodes(NODES, new NodeCounts(1, 0, 0, 1, 0, "0/1"), new PressureCounts(0, 0, 1, 0)))
        .isEmpty();
  }

  @Test
  void findsPressure() {
    kubelets.put("n", kubelet(4096, "1Gi", "stats-summary.json"));
    assertThat(nodes(NODES, COMPLIANT, new PressureCounts(1, 1, 0, 0))).hasSize(1);
    var summary = (ObjectNode) kubelets.get("n").summary();
    summary.withObject("/node/memory/psi/some").put("avg60", 11).put("avg10", 9);
    assertThat(nodes(NODES, COMPLIANT, new PressureCounts(1, 0, 0, 0))).isEmpty();
    summary.withObject("/node/memory/psi/some").put("avg10", 11);
    assertThat(nodes(NODES, COMPLIANT, new PressureCounts(1, 0, 0, 0))).hasSize(1);
    assertThat(nodes(NODES, COMPLIANT, new PressureCounts(1, 1, 0, 0))).isEmpty();
  }

  @Test
  void findsHazardousNeighbours() {
    var spec =
        DEFAULTS
            + "mode: Audit, namespaces: {selector: {}}, workloads: {requireLimits: [memory]}, nodes:"
            + " {selector: {}}";
    kubelets.put("n", Kubelet.SILENT);
    pods.add(bare("bare"));
    assertThat(nodes(spec, COMPLIANT, null)).isEmpty();
    var important = pod("important", "Guaranteed", "{limits: {cpu: 1, memory: 1Gi}}", "");
    important.getMetadata().setNamespace("other");
    pods.add(important);
    kubelets.put("n", Kubelet.SILENT);
    assertThat(hazards(spec, COMPLIANT)).hasSize(1);
    assertThat(hazards(spec, DRIFTED)).isEmpty();
    important.getSpec().setNodeName("m");
    assertThat(hazards(spec, COMPLIANT)).isEmpty();
  }

  /// Of two pods, one is in the policy's namespace.
  private List<String> hazards(String spec, NodeCounts counts) {
    return differences(
        with(
            policy("p", spec),
            "Audited",
            new NamespaceCounts(1, 1, 0, 0, "1/1"),
            new WorkloadCounts(1, 0, 1),
            null,
            counts,
            null,
            1));
  }
}
