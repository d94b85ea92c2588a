package io.cgrouppolicy.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.cgrouppolicy.report.NodePicture.Asked;
import io.cgrouppolicy.report.NodePicture.Load;
import io.cgrouppolicy.report.NodePicture.Reserved;
import io.cgrouppolicy.report.NodePicture.Share;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodePictureTest {
  private static final long MIB = 1L << 20;

  private static final NodeFacts NODE =
      NodeFacts.of(
          Serialization.unmarshal(
              """
              apiVersion: v1
              kind: Node
              metadata: {name: worker-1}
              status:
                capacity: {cpu: "4", memory: 16Gi}
                allocatable: {cpu: 3800m, memory: 15Gi}
                conditions: [{type: Ready, status: "True"}]
              """,
              Node.class));

  private static KubeletConfiguration kubelet(String fields) throws Exception {
    return KubeletConfiguration.parse(
        "{\"kubeletconfig\": {%s}}".formatted(fields).getBytes(StandardCharsets.UTF_8));
  }

  private static final PodReader READER = new PodReader();

  private static PodFacts pod(String name, String spec) {
    return READER
        .read(
            Serialization.unmarshal(
                "--- {apiVersion: v1, kind: Pod, metadata: {namespace: a, name: %s}, spec: {%s}}"
                    .formatted(name, spec),
                Pod.class))
        .orElseThrow();
  }

  private static final String LIMITED =
      "containers: [{name: a, resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 1, memory: 128Mi}}}]";

  @Test
  void readsTheNodeAndItsKubelet() throws Exception {
    var kubelet =
        kubelet(
            """
            "systemReserved": {"cpu": "100m", "memory": "300Mi"}, "kubeReserved": {"cpu": "100m", "memory": "400Mi"},
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "10%"}""");
    var picture = NodePicture.of(NODE, kubelet, List.of());
    assertThat(picture.name()).isEqualTo("worker-1");
    assertThat(picture.ready()).isTrue();
    assertThat(picture.memory())
        .isEqualTo(
            new Share(16384 * MIB, 15360 * MIB, new Reserved(300 * MIB, 400 * MIB, 100 * MIB)));
    assertThat(picture.cpu()).isEqualTo(new Share(4000, 3800, new Reserved(100, 100, 0)));
    assertThat(picture.load()).isEqualTo(new Load(new Asked(0, 0), new Asked(0, 0), 0, 0));
  }

  @Test
  void anEvictionThresholdMayBeAPercentageOrMissingOrNonsense() throws Exception {
    assertThat(eviction("\"evictionHard\": {\"memory.available\": \"5%\"}")).isEqualTo(858_993_460);
    assertThat(eviction("")).isZero();
    assertThat(eviction("\"evictionHard\": {\"memory.available\": \"-5%\"}")).isZero();
    assertThat(eviction("\"evictionHard\": {\"memory.available\": 7}")).isZero();
    assertThat(eviction("\"evictionHard\": [\"memory.available\"]")).isZero();
  }

  private static long eviction(String fields) throws Exception {
    return NodePicture.of(NODE, kubelet(fields), null).memory().reserved().eviction();
  }

  /// The kubelet then ignores the CPU of both reservations.
  @Test
  void reservedCpusCountInsteadOfReservations() throws Exception {
    var kubelet =
        kubelet(
            """
            "systemReserved": {"cpu": "100m"}, "kubeReserved": {"cpu": "100m"}, "reservedSystemCPUs": "0,2-3" """);
    assertThat(NodePicture.of(NODE, kubelet, null).cpu().reserved())
        .isEqualTo(new Reserved(3000, 0, 0));
  }

  @Test
  void computesWhatIsAllocatableIfTheNodeDoesNotSay() throws Exception {
    var silent =
        NodeFacts.of(
            Serialization.unmarshal(
                "--- {apiVersion: v1, kind: Node, metadata: {name: a}, status: {capacity: {cpu: 4, memory: 1Gi}}}",
                Node.class));
    var kubelet =
        kubelet(
            """
            "systemReserved": {"cpu": "100m", "memory": "100Mi"}, "kubeReserved": {"cpu": "50m", "memory": "100Mi"},
            "evictionHard": {"memory.available": "100Mi"}""");
    var picture = NodePicture.of(silent, kubelet, null);
    assertThat(picture.memory().allocatable()).isEqualTo(724 * MIB);
    assertThat(picture.cpu().allocatable()).isEqualTo(3850);
    assertThat(NodePicture.of(silent, null, null).cpu().allocatable())
        .isEqualTo(NodePicture.UNKNOWN);
  }

  @Test
  void addsUpThePods() {
    var pods =
        List.of(
            pod("a", LIMITED),
            pod("b", LIMITED),
            pod("c", "containers: [{name: a}]"),
            pod(
                "d",
                "containers: [{name: a, resources: {limits: {memory: 1Gi}, requests: {memory: 1Gi}}}],"
                    + " overhead: {memory: 1Mi}"));
    assertThat(NodePicture.of(NODE, null, pods).load())
        .isEqualTo(
            new Load(
                new Asked((128 + 1025) * MIB, (256 + 1025) * MIB), new Asked(200, 2000), 4, 1));
  }

  @Test
  void unknownIsNotZero() {
    var bare =
        NodeFacts.of(
            Serialization.unmarshal(
                "--- {apiVersion: v1, kind: Node, metadata: {name: bare}}", Node.class));
    var picture = NodePicture.of(bare, null, null);
    assertThat(picture.ready()).isFalse();
    assertThat(picture.memory())
        .isEqualTo(new Share(NodePicture.UNKNOWN, NodePicture.UNKNOWN, null));
    assertThat(picture.load()).isNull();
  }
}
