package io.cgrouppolicy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LabNode;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.WorkDirectory;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What a policy means for a real kernel: cgroup files beside the operator's verdict.
@Tag("node")
class ContainmentNodeIT {
  private static final String POLICY =
      """
      apiVersion: cgroup-policy.io/v1alpha1
      kind: CgroupPolicy
      metadata: {name: guard}
      spec:
        mode: Enforce
        namespaces:
          selector: {matchLabels: {guarded: "true"}}
          limitRange:
            limits:
              - type: Container
                default: {cpu: 500m, memory: 128Mi}
                defaultRequest: {cpu: 50m, memory: 32Mi}
        nodes:
          selector: {}
          remedy: Publish
          kubelet: {podPidsLimit: 256}
      """;

  /// The cgroup of all pods.
  private static final String PODS = "/sys/fs/cgroup/kubepods.slice";

  private static LabNode node;
  private static OperatorProcess operator;
  private static KubernetesClient client;

  @BeforeAll
  static void start() throws IOException {
    node = new LabNode(WorkDirectory.resolve("lab"));
    client = node.client();
    var kubeconfig = WorkDirectory.resolve("lab-operator.kubeconfig");
    ControlPlane.install(node.kubeconfig(), kubeconfig);
    operator =
        new OperatorProcess(
            Map.of("KUBECONFIG", kubeconfig.toString(), "CGROUP_POLICY_KUBELET_INTERVAL", "5S"));
    create(POLICY);
    create(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: team, labels: {guarded: "true"}}
        """);
    eventually(
        () -> assertThat(client.limitRanges().inNamespace("team").list().getItems()).hasSize(1));
    eventually(
        () ->
            assertThat(client.serviceAccounts().inNamespace("team").withName("default").get())
                .isNotNull());
  }

  @AfterAll
  static void stop() throws IOException {
    if (operator != null) {
      operator.close();
    }
    if (client != null) {
      client.close();
    }
    if (node != null) {
      node.close();
    }
  }

  /// Emulated, a container takes seconds to start.
  private static void eventually(ThrowingRunnable assertion) {
    Fixture.within(Duration.ofMinutes(2), assertion);
  }

  private static void create(String yaml) {
    client.resource(yaml).create();
  }

  /// Creates a pod without limits in the guarded namespace.
  private static void pod(String name, String script) {
    create(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: team}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          containers: [{name: main, image: "%s", command: [sh, -c, '%s']}]
        """
            .formatted(name, LabNode.IMAGE, script));
  }

  private static Pod pod(String name) {
    return client.pods().inNamespace("team").withName(name).get();
  }

  private static void running(String name) {
    eventually(() -> assertThat(pod(name).getStatus().getPhase()).isEqualTo("Running"));
  }

  private static String containerCgroup(String pod) {
    var id = pod(pod).getStatus().getContainerStatuses().getFirst().getContainerID();
    return node.shell(
        "find %s -name 'cri-containerd-%s.scope'"
            .formatted(PODS, id.substring("containerd://".length())));
  }

  private static String podCgroup(String pod) {
    return node.shell(
        "find %s -name '*-pod%s.slice'"
            .formatted(PODS, pod(pod).getMetadata().getUid().replace('-', '_')));
  }

  private static boolean nodeIsReady() {
    return client.nodes().withName(LabNode.NAME).isReady();
  }

  private static List<Violation> nodeViolations() {
    var status = client.resources(CgroupPolicy.class).withName("guard").get().getStatus();
    assertThat(status).extracting(CgroupPolicyStatus::violations).as("violations").isNotNull();
    return status.violations().stream()
        .filter(violation -> violation.kind().equals("Node"))
        .toList();
  }

  @Test
  void theDefaultsOfThePolicyAreInTheCgroupOfAContainerWithoutLimits() {
    pod("plain", "sleep 3600");
    running("plain");
    var cgroup = containerCgroup("plain");
    assertThat(node.read(cgroup + "/memory.max")).isEqualTo(String.valueOf(128L << 20));
    assertThat(node.read(cgroup + "/cpu.max")).isEqualTo("50000 100000");
  }

  @Test
  void aMemoryHogDiesInItsOwnCgroup() {
    pod("neighbor", "sleep 3600");
    running("neighbor");
    pod("hog", "dd if=/dev/zero of=/dev/null bs=300M count=1");
    eventually(
        () ->
            assertThat(pod("hog").getStatus().getContainerStatuses())
                .extracting(container -> container.getState().getTerminated())
                .singleElement()
                .isNotNull()
                .extracting(terminated -> terminated.getReason())
                .isEqualTo("OOMKilled"));
    assertThat(pod("neighbor").getStatus().getContainerStatuses().getFirst().getRestartCount())
        .isZero();
    assertThat(pod("neighbor").getStatus().getPhase()).isEqualTo("Running");
    assertThat(nodeIsReady()).isTrue();
  }

  /// The drop-in of the published remedy, nothing else.
  @Test
  void theRemedyStopsAForkBomb() {
    eventually(
        () ->
            assertThat(nodeViolations())
                .singleElement()
                .satisfies(
                    violation -> {
                      assertThat(violation.expected()).isEqualTo("<= 256");
                      assertThat(violation.actual()).isEqualTo("unlimited");
                    }));
    var remedy =
        client
            .configMaps()
            .inNamespace("cgroup-policy-system")
            .withName("cgroup-policy-remedy-guard")
            .get()
            .getData()
            .get("90-cgroup-policy.conf");
    node.shell(
        "cat > /etc/kubernetes/kubelet.conf.d/90-cgroup-policy.conf <<'END'\n"
            + remedy
            + "\nEND\nsystemctl restart kubelet");
    eventually(() -> assertThat(nodeViolations()).isEmpty());

    pod("bomb", "(while :; do sleep 3600 & done) 2>/dev/null; sleep 3600");
    running("bomb");
    var cgroup = podCgroup("bomb");
    eventually(() -> assertThat(node.read(cgroup + "/pids.events")).doesNotStartWith("max 0"));
    assertThat(node.read(cgroup + "/pids.max")).isEqualTo("256");
    assertThat(Integer.parseInt(node.read(cgroup + "/pids.current"))).isLessThanOrEqualTo(256);
    assertThat(nodeIsReady()).isTrue();
  }
}
