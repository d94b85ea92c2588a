package io.cgrouppolicy.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeFactsTest {
  private static final Node NODE =
      new NodeBuilder()
          .withNewMetadata()
          .withName("a")
          .addToLabels("pool", "x")
          .endMetadata()
          .withNewStatus()
          .addToCapacity("cpu", new Quantity("4"))
          .addNewCondition()
          .withType("Ready")
          .withStatus("True")
          .endCondition()
          .withNewNodeInfo()
          .withKubeletVersion("v1.36.3")
          .withContainerRuntimeVersion("containerd://2.2.0")
          .withOperatingSystem("linux")
          .withArchitecture("arm64")
          .endNodeInfo()
          .endStatus()
          .build();

  @Test
  void readsANode() {
    assertThat(NodeFacts.of(NODE))
        .isEqualTo(
            new NodeFacts(
                "a",
                "v1.36.3",
                "containerd://2.2.0",
                true,
                false,
                Map.of("cpu", new Quantity("4")),
                Map.of("pool", "x"),
                null));
    assertThat(NodeFacts.of(NODE).obstacle()).isEmpty();
  }

  @Test
  void aNodeWithoutConditionsIsNotReady() {
    var bare = new NodeBuilder().withNewMetadata().withName("b").endMetadata().build();
    assertThat(NodeFacts.of(bare).obstacle())
        .hasValueSatisfying(none -> assertThat(none.reason()).isEqualTo("NodeNotReady"));
  }

  @Test
  void isUpdatingWhileTheMachineConfigOperatorWantsAnotherConfiguration() {
    var node =
        new NodeBuilder(NODE)
            .editMetadata()
            .addToAnnotations(NodeFacts.CURRENT_CONFIG, "rendered-1")
            .addToAnnotations(NodeFacts.DESIRED_CONFIG, "rendered-1")
            .endMetadata();
    assertThat(NodeFacts.of(node.build()).updating()).isFalse();
    node.editMetadata().addToAnnotations(NodeFacts.DESIRED_CONFIG, "rendered-2").endMetadata();
    assertThat(NodeFacts.of(node.build()).updating()).isTrue();
  }

  private static NodeBuilder labeled(String key, String value) {
    return new NodeBuilder(NODE).editMetadata().addToLabels(key, value).endMetadata();
  }

  private static NodeBuilder tainted(String key, String value) {
    return new NodeBuilder(NODE)
        .withNewSpec()
        .addNewTaint("NoSchedule", key, null, value)
        .endSpec();
  }

  private static NodeBuilder from(String providerId) {
    return new NodeBuilder(NODE).withNewSpec().withProviderID(providerId).endSpec();
  }

  /// As their makers label, taint and name them.
  @Test
  void nodesWithoutAKubeletToAskAreRecognized() {
    var windows =
        new NodeBuilder(NODE)
            .editStatus()
            .editNodeInfo()
            .withOperatingSystem("windows")
            .endNodeInfo()
            .endStatus();
    var version =
        new NodeBuilder(NODE)
            .editStatus()
            .editNodeInfo()
            .withKubeletVersion("v1.25.0-vk-azure-aci-1.6.2")
            .endNodeInfo()
            .endStatus();
    var kwok =
        new NodeBuilder(NODE)
            .editMetadata()
            .addToAnnotations("kwok.x-k8s.io/node", "fake")
            .endMetadata();
    var nodes =
        Map.of(
            Exemption.Fargate,
            List.of(
                labeled("eks.amazonaws.com/compute-type", "fargate"),
                tainted("eks.amazonaws.com/compute-type", "fargate"),
                from("aws:///us-west-2d/9-5/fargate-ip-192-0-2-1.us-west-2.compute.internal")),
            Exemption.VirtualKubelet,
            List.of(
                labeled("type", "virtual-kubelet"),
                labeled("liqo.io/type", "virtual-node"),
                tainted("virtual-kubelet.io/provider", "azure"),
                tainted("virtual-node.liqo.io/not-allowed", "true"),
                version),
            Exemption.Kwok,
            List.of(
                kwok,
                labeled("kwok.x-k8s.io/node", "fake"),
                labeled("type", "kwok"),
                tainted("kwok.x-k8s.io/node", "fake")),
            Exemption.Windows,
            List.of(windows, labeled("kubernetes.io/os", "windows")));
    assertThat(nodes).containsOnlyKeys(Exemption.values());
    nodes.forEach(
        (exemption, of) ->
            assertThat(of)
                .allSatisfy(
                    node ->
                        assertThat(NodeFacts.of(node.build()).exemption()).isEqualTo(exemption)));
    assertThat(
            List.of(
                labeled("eks.amazonaws.com/compute-type", "hybrid"),
                tainted("eks.amazonaws.com/compute-type", "auto"),
                from("aws:///eu-west-3a/i-0123456789abcdef0"),
                labeled("type", "gpu"),
                labeled("kubernetes.io/os", "linux"),
                tainted("node.kubernetes.io/not-ready", null)))
        .allSatisfy(node -> assertThat(NodeFacts.of(node.build()).exemption()).isNull());
  }

  @Test
  void theSmallestCapacityIsTheLeastOfEach() {
    var big = new NodeBuilder(NODE).editStatus();
    big.addToCapacity(Map.of("cpu", new Quantity("16"), "memory", new Quantity("1Gi")));
    var facts = List.of(NodeFacts.of(NODE), NodeFacts.of(big.endStatus().build()));
    assertThat(NodeFacts.smallestCapacity(facts))
        .contains(Map.of("cpu", new Quantity("4"), "memory", new Quantity("1Gi")));
    assertThat(NodeFacts.smallestCapacity(List.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "v1.36.3, 1, 36",
    "v1.33.4-eks-1a2b, 1, 33",
    "v1.27.3-gke.100, 1, 27",
    "1.30.0+rke2r1, 1, 30",
    "v1.37.0-alpha.1, 1, 37"
  })
  void readsVersions(String text, int major, int minor) {
    assertThat(KubeletVersion.parse(text)).contains(new KubeletVersion(major, minor));
    assertThat(KubeletVersion.parse("x" + text)).isEmpty();
  }

  @Test
  void apiGroupsIdentifyThePlatform() {
    assertThat(Platform.of(List.of("apps", "machineconfiguration.openshift.io")))
        .isEqualTo(Platform.OPENSHIFT);
    assertThat(Platform.of(List.of("config.openshift.io"))).isEqualTo(Platform.OPENSHIFT);
    assertThat(Platform.of(List.of("apps", "route.openshift.io"))).isEqualTo(Platform.UPSTREAM);
  }
}
