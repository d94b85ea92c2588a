package io.cgrouppolicy.core.pods;

import static io.cgrouppolicy.core.pods.Pods.BOTH;
import static io.cgrouppolicy.core.pods.Pods.api;
import static io.cgrouppolicy.core.pods.Pods.container;
import static io.cgrouppolicy.core.pods.Pods.containers;
import static io.cgrouppolicy.core.pods.Pods.init;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.lang.ref.Reference;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodReaderTest {
  private static final String SPEC = containers(container("main", BOTH, BOTH));

  private final PodReader reader = new PodReader();

  private PodFacts read(String name, String metadata, String spec) {
    return reader.read(api("shop", name, metadata, spec)).orElseThrow();
  }

  private PodShape shape(String spec) {
    return read("p", "", spec).shape();
  }

  @Test
  void allOfAPod() {
    var pod =
        read(
            "cart-1",
            "creationTimestamp: '2026-03-01T10:00:00Z', ownerReferences: [{kind: Node, name: n,"
                + " uid: u, apiVersion: v1}, "
                + Pods.owner("ReplicaSet", "cart")
                + "]",
            SPEC + ", nodeName: worker-1");
    assertThat(pod)
        .isEqualTo(
            new PodFacts(
                "shop",
                "cart-1",
                "uid-cart-1",
                "7",
                "worker-1",
                new Controller("apps/v1", "ReplicaSet", "cart", "uid-cart"),
                pod.shape(),
                Instant.parse("2026-03-01T10:00:00Z").getEpochSecond(),
                false,
                false));
  }

  @Test
  void aPodAlone() {
    var pod = read("p", "ownerReferences: [{kind: X, name: x, uid: x, apiVersion: v1}]", SPEC);
    assertThat(pod.controller()).isNull();
    assertThat(pod.node()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Succeeded", "Failed"})
  void onesThatEndedAreNone(String phase) {
    var pod = api("shop", "p", "", SPEC);
    pod.setStatus(new PodStatusBuilder().withPhase(phase).build());
    assertThat(reader.read(pod)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Pending", "Running", "Unknown"})
  void onesThatMayRunAreRead(String phase) {
    var pod = api("shop", "p", "", SPEC);
    pod.setStatus(new PodStatusBuilder().withPhase(phase).build());
    assertThat(reader.read(pod)).isPresent();
  }

  @Test
  void terminating() {
    assertThat(read("p", "deletionTimestamp: '2026-03-01T10:00:00Z'", SPEC).terminating()).isTrue();
  }

  @Test
  void aMirrorPodHasNoController() {
    var pod =
        read(
            "etcd-cp1",
            "annotations: {kubernetes.io/config.mirror: abc}, ownerReferences: ["
                + Pods.owner("Node", "cp1")
                + "]",
            SPEC);
    assertThat(pod.mirror()).isTrue();
    assertThat(pod.controller()).isNull();
  }

  @Test
  void containersInOrderWithTheirRoles() {
    var shape =
        shape(
            init("{name: i}", "{name: s, restartPolicy: Always}", "{name: j, restartPolicy: Never}")
                + ", containers: [{name: a, restartPolicy: Always}, "
                + container("b", "{cpu: 1}", "{memory: 1Gi}")
                + "], ephemeralContainers: [{name: e}]");
    assertThat(shape.containers())
        .extracting(c -> c.name() + " " + c.role())
        .containsExactly("i INIT", "s SIDECAR", "j INIT", "a MAIN", "b MAIN", "e EPHEMERAL");
    var b = shape.containers().get(4);
    assertThat(b.requests()).isEqualTo(Map.of("cpu", new Quantity("1")));
    assertThat(b.limits()).isEqualTo(Map.of("memory", new Quantity("1Gi")));
    assertThat(shape.containers().getFirst().limits()).isEmpty();
  }

  @Test
  void theRestOfAShape() {
    var shape =
        shape(
            SPEC
                + ", resources: {requests: {cpu: 2}, limits: {memory: 2Gi}}, overhead: {memory:"
                + " 32Mi}, priorityClassName: high, priority: 1000, activeDeadlineSeconds: 60");
    assertThat(shape.podRequests()).isEqualTo(Map.of("cpu", new Quantity("2")));
    assertThat(shape.podLimits()).isEqualTo(Map.of("memory", new Quantity("2Gi")));
    assertThat(shape.overhead()).isEqualTo(Map.of("memory", new Quantity("32Mi")));
    assertThat(shape.priorityClass()).isEqualTo("high");
    assertThat(shape.priority()).isEqualTo(1000);
    assertThat(shape.deadline()).isTrue();
    var plain = shape(SPEC);
    assertThat(plain)
        .isEqualTo(
            new PodShape(plain.containers(), Map.of(), Map.of(), Map.of(), "", 0, false, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true  | podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: k,"
            + " namespaces: [x]}]}",
        "true  | podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1,"
            + " podAffinityTerm: {topologyKey: k, namespaceSelector: {}}}]}",
        "true  | podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey:"
            + " k}, {topologyKey: k, namespaceSelector: {}}]}",
        "true  | podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1,"
            + " podAffinityTerm: {topologyKey: k, namespaces: [x]}}]}",
        "false | podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey:"
            + " k}]}",
        "false | nodeAffinity: {}",
      })
  void affinityToOtherNamespaces(boolean expected, String affinity) {
    assertThat(shape(SPEC + ", affinity: {" + affinity + "}").crossNamespaceAffinity())
        .isEqualTo(expected);
  }

  @Test
  void thePodsOfAWorkloadShare() {
    var owner = "ownerReferences: [" + Pods.owner("ReplicaSet", "cart") + "]";
    var a = read("a", owner, SPEC + ", nodeName: worker-1, serviceAccountName: x");
    var b = read("b", owner, SPEC + ", nodeName: worker-1, serviceAccountName: y");
    assertThat(b.shape()).isSameAs(a.shape());
    assertThat(b.controller()).isSameAs(a.controller());
    assertThat(b.node()).isSameAs(a.node());
    assertThat(b.namespace()).isSameAs(a.namespace());
    assertThat(reader.shapes()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "containers: [{name: main, resources: {requests: {cpu: 100m, memory: 64Mi}}}]",
        "containers: [{name: main, resources: {limits: {cpu: 100m, memory: 64Mi}}}]",
        "containers: [{name: other, resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu:"
            + " 100m, memory: 64Mi}}}]",
        "containers: [{name: main, resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu:"
            + " 100m, memory: 65Mi}}}]",
      })
  void whatDiffersIsNotShared(String spec) {
    assertThat(shape(spec)).isNotEqualTo(shape(SPEC));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "priority: 1",
        "priorityClassName: x",
        "activeDeadlineSeconds: 5",
        "overhead: {cpu: 1m}",
        "resources: {requests: {cpu: 1}}",
        "resources: {limits: {cpu: 1}}",
        "ephemeralContainers: [{name: debugger}]",
        "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey:"
            + " k, namespaceSelector: {}}]}}",
      })
  void whatElseDiffersIsNotShared(String addition) {
    assertThat(shape(SPEC + ", " + addition)).isNotEqualTo(shape(SPEC));
  }

  @Test
  void differentShapesShareTheirParts() {
    var a = shape(SPEC);
    var b = shape(SPEC + ", priority: 5");
    assertThat(b).isNotEqualTo(a);
    assertThat(b.containers().getFirst().limits())
        .isSameAs(a.containers().getFirst().limits())
        .isSameAs(a.containers().getFirst().requests());
  }

  @Test
  void mapsAreSortedAndFixed() {
    var limits =
        shape(containers(container("a", "{}", "{x.io/b: 1, cpu: 1, memory: 1}")))
            .containers()
            .getFirst()
            .limits();
    assertThat(limits.keySet()).containsExactly("cpu", "memory", "x.io/b");
    assertThat(limits).isUnmodifiable();
  }

  @Test
  void shapesOfGonePodsAreFreed() {
    var kept = shape(SPEC);
    for (int i = 0; i < 50; i++) {
      shape(SPEC + ", priority: " + (i + 1));
    }
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(reader.shapes()).isEqualTo(1);
            });
    assertThat(shape(SPEC)).isSameAs(kept);
    Reference.reachabilityFence(kept);
  }
}
