package io.cgrouppolicy.delivery.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.helm.ChartFiles;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LabKubelet;
import io.cgrouppolicy.testing.LabNode;
import io.cgrouppolicy.testing.LabPod;
import io.cgrouppolicy.testing.Tool;
import io.cgrouppolicy.testing.WorkDirectory;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// The operator as pods of its own image on a real node, installed with kustomize and then with
/// Helm. Meanwhile, namespaces keep their limits and new ones get theirs.
@Tag("node")
@TestMethodOrder(OrderAnnotation.class)
class PodNodeIT {
  private static final String NAMESPACE = "cgroup-policy-system";
  private static final String OPERATOR = "cgroup-policy-operator";
  private static final String DEPLOYMENT = "deployment/" + OPERATOR;
  private static final String REGISTRY = "docker.io/library";

  /// An emulated processor takes a minute or two to start two JVMs at once; the Deployment's limit
  /// is two minutes.
  private static final int START_SECONDS = 600;

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
                default: {memory: 128Mi}
                defaultRequest: {memory: 32Mi}
        nodes:
          selector: {}
          kubelet: {podPidsLimit: 256}
      """;

  @AutoClose private static LabNode node;
  private static final Queue<String> lost = new ConcurrentLinkedQueue<>();
  private static int namespaces;

  @BeforeAll
  static void start() throws Exception {
    node = new LabNode(WorkDirectory.resolve("pods"), "--for-pods");
    var archive = WorkDirectory.resolve("image.tar");
    OperatorImage.makeTar("tar://" + LabNode.baseImage(), archive, Application.SHIPPED);
    node.load(archive);
    var image = REGISTRY + "/" + OPERATOR + ":";
    node.shell(
        "ctr --namespace k8s.io images tag %1$s%2$s %1$snext".formatted(image, Project.version()));
    node.client().limitRanges().inAnyNamespace().watch(new Losses());
  }

  /// Records LimitRanges that are deleted.
  private static final class Losses implements Watcher<LimitRange> {
    @Override
    public void eventReceived(Action action, LimitRange object) {
      if (action == Action.DELETED) {
        lost.add(object.getMetadata().getNamespace());
      }
    }

    @Override
    public void onClose(WatcherException cause) {
      lost.add("the watch ended: " + cause);
    }
  }

  private static void eventually(ThrowingRunnable assertion) {
    Fixture.within(Duration.ofSeconds(START_SECONDS), assertion);
  }

  /// Runs kubectl in the operator's namespace.
  private static void kubectl(String... arguments) {
    var command = new ArrayList<>(List.of("--namespace", NAMESPACE));
    command.addAll(List.of(arguments));
    node.kubectl().succeed(command.toArray(String[]::new));
  }

  private static void available() {
    var timeout = "--timeout=" + START_SECONDS + "s";
    kubectl("wait", "--for=condition=Available", timeout, DEPLOYMENT);
    kubectl("rollout", "status", timeout, DEPLOYMENT);
  }

  private static List<Pod> pods() {
    return node
        .client()
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/name", OPERATOR)
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  private static LabPod lab(Pod pod) {
    return new LabPod(node, NAMESPACE, pod.getMetadata().getName());
  }

  private static Optional<LabPod> leader() {
    var lease = node.client().leases().inNamespace(NAMESPACE).list().getItems().getFirst();
    var holder = lease.getSpec().getHolderIdentity();
    return pods().stream()
        .filter(pod -> holder.startsWith(pod.getMetadata().getName()))
        .map(PodNodeIT::lab)
        .findFirst();
  }

  /// A new namespace gets its limits, and none has lost them.
  private static void protects() {
    var name = "guarded-" + namespaces++;
    node.namespace(name, Map.of("guarded", "true"));
    eventually(
        () ->
            assertThat(node.client().limitRanges().inNamespace(name).list().getItems()).hasSize(1));
    assertThat(lost).isEmpty();
    eventually(
        () -> {
          var policy = node.client().resources(CgroupPolicy.class).withName("guard").get();
          assertThat(policy.getStatus()).as("status").isNotNull();
          assertThat(policy.getStatus().namespaces().selected()).isEqualTo(namespaces);
          assertThat(policy.getStatus().namespaces().compliant()).isEqualTo(namespaces);
          assertThat(new LabKubelet(node).findings("guard"))
              .singleElement()
              .satisfies(found -> assertThat(found.actual()).isEqualTo("unlimited"));
        });
  }

  @Test
  @Order(1)
  void kustomizeInstallsIt() throws IOException {
    var overlay = Files.createDirectories(WorkDirectory.resolve("overlay"));
    Files.writeString(
        overlay.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [%s]
        patches:
          - target: {kind: Deployment}
            patch: |
              - op: replace
                path: /spec/template/spec/containers/0/startupProbe/failureThreshold
                value: %d
        """
            .formatted(
                overlay.toRealPath().relativize(Path.of("config/default").toRealPath()),
                START_SECONDS / 2));
    node.kubectl().succeed("apply", "--server-side", "-k", overlay.toString());
    node.kubectl().awaitEstablished("cgrouppolicies.cgroup-policy.io");
    node.create(POLICY);
    available();
    protects();
  }

  /// What the Deployment and the namespace's Pod Security ask for is what the kernel enforces.
  @Test
  @Order(2)
  void itsProcessesHaveNoPrivileges() {
    assertThat(pods()).hasSize(2);
    for (var pod : pods()) {
      var pid = lab(pod).pid();
      assertThat(node.read("/proc/" + pid + "/status"))
          .containsPattern("Uid:\\s65532\\s65532\\s65532\\s65532")
          .containsPattern("CapEff:\\s0000000000000000")
          .containsPattern("CapBnd:\\s0000000000000000")
          .containsPattern("NoNewPrivs:\\s1")
          .containsPattern("Seccomp:\\s2");
      assertThat(node.shell("awk '$5 == \"/\" {print $6}' /proc/" + pid + "/mountinfo"))
          .startsWith("ro");
      var cgroup = lab(pod).containerCgroup();
      assertThat(node.read(cgroup + "/memory.max")).isEqualTo(String.valueOf(512L << 20));
      assertThat(node.read(cgroup + "/memory.events")).contains("oom 0");
    }
  }

  @Test
  @Order(3)
  void aRollingUpdateLosesNothing() {
    kubectl("set", "image", DEPLOYMENT, "operator=" + OPERATOR + ":next");
    protects();
    available();
    assertThat(pods())
        .hasSize(2)
        .allSatisfy(
            pod ->
                assertThat(pod.getSpec().getContainers().getFirst().getImage()).endsWith(":next"));
    protects();
  }

  @Test
  @Order(4)
  void theOtherReplicaTakesOverFromOneThatIsKilled() {
    eventually(() -> assertThat(leader()).isPresent()); // no longer a pod of before the update
    var killed = leader().orElseThrow();
    int restarts = killed.container().getRestartCount(); // at its start, if the machine was slow
    node.shell("kill -9 " + killed.pid());
    protects();
    eventually(() -> assertThat(killed.container().getRestartCount()).isGreaterThan(restarts));
    available();
  }

  /// The node is the only one, so the PodDisruptionBudget keeps the second replica there.
  @Test
  @Order(5)
  void aDrainLeavesOneReplica() {
    var drained =
        node.kubectl()
            .answer(
                "drain",
                LabNode.NAME,
                "--ignore-daemonsets",
                "--delete-emptydir-data",
                "--timeout=30s");
    assertThat(drained.status()).isNotZero();
    assertThat(drained.output()).contains("would violate the pod's disruption budget");
    protects();
    node.kubectl().succeed("uncordon", LabNode.NAME);
    available();
    protects();
  }

  @Test
  @Order(6)
  void helmInstallsIt() {
    node.kubectl().succeed("delete", "--wait", "-k", WorkDirectory.resolve("overlay").toString());
    lost.clear(); // deleted with the CRD
    namespaces = 0;
    node.client().namespaces().withLabel("guarded").delete();
    Tool.named("helm")
        .succeed(
            "install",
            OPERATOR,
            ChartFiles.CHART.toString(),
            "--kubeconfig",
            node.kubeconfig().toString(),
            "--namespace",
            NAMESPACE,
            "--create-namespace",
            "--set",
            "image.registry=%s,startupProbe.failureThreshold=%d"
                .formatted(REGISTRY, START_SECONDS / 2));
    node.kubectl().awaitEstablished("cgrouppolicies.cgroup-policy.io");
    node.create(POLICY);
    available();
    protects();
  }
}
