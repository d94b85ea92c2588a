package io.cgrouppolicy.delivery;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.WorkDirectory;
import io.cgrouppolicy.testing.kubelet.KubeletFleet;
import io.cgrouppolicy.testing.kubelet.Summary;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The path audit → guard → strict, as a user walks it, on a control plane of its own. Namespaces
/// are named for what their only pod lacks.
@EmbeddedCluster("samples are about all namespaces")
class SamplesPathIT {
  private static final Map<String, String> PODS =
      Map.of(
          "fits", "{requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 512Mi}}",
          "unlimited", "{}",
          // More than the default limit.
          "big", "{requests: {cpu: 100m, memory: 1Gi}}",
          // Four times its request, where strict.yaml allows twice.
          "loose", "{requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 512Mi}}");

  private ControlPlane cluster;
  private Kubectl kubectl;
  private KubernetesClient client;
  private KubeletFleet fleet;
  private OperatorProcess operator;

  @TempDir Path directory;

  @BeforeEach
  void start() throws Exception {
    cluster = new ControlPlane(WorkDirectory.resolve("samples"));
    kubectl = new Kubectl(cluster.kubeconfig());
    client = cluster.client();
    fleet = KubeletFleet.start(client);
    fleet.node("worker").hardened().summary(Summary.quiet()).start();
    var kubeconfig = WorkDirectory.resolve("samples.kubeconfig");
    ControlPlane.install(cluster.kubeconfig(), kubeconfig);
    for (var pod : PODS.entrySet()) {
      pod(pod.getKey(), pod.getValue());
    }
    operator =
        new OperatorProcess(
            Map.of(
                "KUBECONFIG", kubeconfig.toString(),
                "CGROUP_POLICY_KUBELET_CA_FILE", fleet.caFile().toString()));
  }

  @AfterEach
  void end() throws Exception {
    for (var started : Arrays.asList(operator, fleet, client, cluster)) {
      if (started != null) {
        started.close();
      }
    }
  }

  private void pod(String namespace, String resources) throws IOException {
    kubectl.succeed("create", "namespace", namespace);
    kubectl.succeed(
        "-n", namespace, "wait", "--for=create", "serviceaccount/default", "--timeout=30s");
    var file =
        Files.writeString(
            directory.resolve(namespace + ".yaml"),
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: app, namespace: %s}
            spec: {containers: [{name: app, image: registry.k8s.io/pause, resources: %s}]}
            """
                .formatted(namespace, resources));
    kubectl.succeed("apply", "-f", file.toString());
  }

  private void apply(String sample) {
    assertThat(kubectl.succeed("apply", "-f", Sample.DIRECTORY.resolve(sample).toString()))
        .contains("cgrouppolicy.cgroup-policy.io/guard")
        .doesNotContain("Warning");
  }

  /// A row of `kubectl get cgp -o wide`, once it is of the current generation.
  private void shows(String... row) {
    eventually(
        () -> {
          assertThat(get("{.metadata.generation}")).isEqualTo(get("{.status.observedGeneration}"));
          var lines = kubectl.succeed("get", "cgp", "-o", "wide").lines().toList();
          assertThat(lines).as("one policy").hasSize(2);
          assertThat(lines.getLast().split(" +")).startsWith(row);
        });
  }

  private String get(String path) {
    return kubectl.succeed("get", "cgp", "guard", "-o", "jsonpath=" + path);
  }

  private long violations(String check) {
    var count = get("{.status.violationsByCheck." + check + "}");
    return count.isEmpty() ? 0 : Long.parseLong(count);
  }

  /// NAMESPACE UID BOUND of each LimitRange; the bound is what only strict.yaml has.
  private String limits(String... namespaces) {
    var template =
        "jsonpath={range .items[*]}{.metadata.namespace} {.metadata.uid} "
            + "{.spec.limits[?(@.type==\"Container\")].max.memory}{\"\\n\"}{end}";
    var found = kubectl.succeed("get", "limitranges", "-A", "-o", template);
    assertThat(found.lines().map(line -> line.split(" ")[0])).containsExactly(namespaces);
    return found;
  }

  private void recreated(String namespace) {
    kubectl.succeed("-n", namespace, "delete", "pod", "app", "--force", "--grace-period=0");
  }

  @Test
  void eachStepUpdatesTheSamePolicyAndLeavesNoGap() {
    apply("audit.yaml");
    shows("guard", "Audit", "True", "False", "0/5", "1/1");
    assertThat(get("{.status.preview}")).contains("\"wouldReject\":1");
    assertThat(violations("WouldReject")).isOne();
    assertThat(violations("LimitRangeMissing")).isEqualTo(5);
    assertThat(limits()).isEmpty();

    apply("guard.yaml");
    shows("guard", "Enforce", "True", "False", "4/5", "1/1");
    assertThat(get("{.status.preview.waiting}")).isEqualTo("1");
    limits("default", "fits", "loose", "unlimited");
    recreated("big");
    shows("guard", "Enforce", "True", "False", "5/5", "1/1");
    var guard = limits("big", "default", "fits", "loose", "unlimited");
    assertThat(guard).doesNotContain("8Gi");

    apply("strict.yaml");
    shows("guard", "Enforce", "True", "False", "4/5", "1/1");
    assertThat(get("{.status.preview.waiting}")).isEqualTo("1");
    var strict = limits("big", "default", "fits", "loose", "unlimited");
    assertThat(strict.lines().filter(line -> line.endsWith("8Gi"))).hasSize(4);
    assertThat(strict.lines().filter(line -> line.startsWith("loose ")))
        .as("it keeps the limits of guard.yaml while it waits")
        .containsExactlyElementsOf(guard.lines().filter(l -> l.startsWith("loose ")).toList());
    recreated("loose");
    recreated("unlimited");
    shows("guard", "Enforce", "True", "True", "5/5", "1/1", "0");
    assertThat(limits("big", "default", "fits", "loose", "unlimited").replace("8Gi", ""))
        .as("nothing was deleted on the way")
        .isEqualTo(guard);
  }
}
