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
                "linux",
                "arm64",
                true,
                false,
                Map.of("cpu", new Quantity("4")),
                Map.of("pool", "x")));
    assertThat(NodeFacts.of(NODE).obstacle()).isEmpty();
  }

  @Test
  void aNodeThatSaysNothingIsNotReady() {
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
  void apiGroupsTellThePlatform() {
    assertThat(Platform.of(List.of("apps", "machineconfiguration.openshift.io")))
        .isEqualTo(Platform.OPENSHIFT);
    assertThat(Platform.of(List.of("config.openshift.io"))).isEqualTo(Platform.OPENSHIFT);
    assertThat(Platform.of(List.of("apps", "route.openshift.io"))).isEqualTo(Platform.UPSTREAM);
  }
}
