package io.cgrouppolicy.shell.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.fabric8.kubernetes.api.model.ContainerImageBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class NodeStateTest {
  private final NodeChanged filter = new NodeChanged();

  static Node node(String name) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewStatus()
        .addToCapacity("memory", new Quantity("8Gi"))
        .addNewAddress("192.0.2.1", "InternalIP")
        .withNewDaemonEndpoints()
        .withNewKubeletEndpoint(10250)
        .endDaemonEndpoints()
        .withNewNodeInfo()
        .withBootID("boot")
        .withKubeletVersion("v1.36.3")
        .withOperatingSystem("linux")
        .endNodeInfo()
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .withLastHeartbeatTime("2026-01-01T00:00:00Z")
        .endCondition()
        .endStatus()
        .build();
  }

  private static Node changed(UnaryOperator<NodeBuilder> change) {
    return change.apply(new NodeBuilder(node("a"))).build();
  }

  /// What becomes of a change: nothing, a new look, or a look with a new question to the kubelet.
  private String after(UnaryOperator<NodeBuilder> change) {
    var after = changed(change);
    if (!filter.accept(after, node("a"))) {
      return "nothing";
    }
    return NodeState.of(after).sameKubelet(NodeState.of(node("a"))) ? "look" : "ask";
  }

  @Test
  void asksAgainIfTheAnswerMayDiffer() {
    assertThat(after(n -> n.editStatus().editNodeInfo().withBootID("b").endNodeInfo().endStatus()))
        .isEqualTo("ask");
    assertThat(
            after(
                n ->
                    n.editStatus()
                        .editNodeInfo()
                        .withKubeletVersion("v1.37.0")
                        .endNodeInfo()
                        .endStatus()))
        .isEqualTo("ask");
    assertThat(
            after(
                n ->
                    n.editStatus()
                        .editFirstCondition()
                        .withStatus("Unknown")
                        .endCondition()
                        .endStatus()))
        .isEqualTo("ask");
    assertThat(
            after(
                n ->
                    n.editStatus()
                        .editFirstAddress()
                        .withAddress("192.0.2.2")
                        .endAddress()
                        .endStatus()))
        .isEqualTo("ask");
    assertThat(
            after(
                n ->
                    n.editStatus()
                        .editDaemonEndpoints()
                        .withNewKubeletEndpoint(10255)
                        .endDaemonEndpoints()
                        .endStatus()))
        .isEqualTo("ask");
    assertThat(
            after(
                n ->
                    n.editMetadata()
                        .addToAnnotations(NodeFacts.CURRENT_CONFIG, "a")
                        .addToAnnotations(NodeFacts.DESIRED_CONFIG, "b")
                        .endMetadata()))
        .isEqualTo("ask");
  }

  @Test
  void judgesAgainIfOnlyTheJudgementMayDiffer() {
    assertThat(after(n -> n.editMetadata().addToLabels("pool", "gpu").endMetadata()))
        .isEqualTo("look");
    assertThat(after(n -> n.editStatus().addToCapacity("memory", new Quantity("4Gi")).endStatus()))
        .isEqualTo("look");
  }

  @Test
  void heartbeatsAndImagesAreIgnored() {
    assertThat(
            after(
                n ->
                    n.editStatus()
                        .editFirstCondition()
                        .withLastHeartbeatTime("2026-01-01T00:05:00Z")
                        .endCondition()
                        .addToImages(new ContainerImageBuilder().withNames("a").build())
                        .addToCapacity("memory", new Quantity("8192Mi"))
                        .endStatus()
                        .editMetadata()
                        .withResourceVersion("2")
                        .addToAnnotations("volumes", "x")
                        .endMetadata()))
        .isEqualTo("nothing");
  }

  @Test
  void aNodeOfWhichNothingIsKnownHasAState() {
    var bare = new NodeBuilder().withNewMetadata().withName("a").endMetadata().build();
    var state = NodeState.of(bare);
    assertThat(state.port()).isZero();
    assertThat(state.bootId()).isEmpty();
    assertThat(state.addresses()).isEmpty();
    assertThat(state.facts().ready()).isFalse();
    assertThat(filter.accept(bare, null)).isTrue();
  }
}
