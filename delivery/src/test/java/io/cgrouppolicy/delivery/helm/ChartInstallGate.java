package io.cgrouppolicy.delivery.helm;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.Tool;
import io.cgrouppolicy.testing.WorkDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Installs, upgrades and uninstalls the chart, on a separate control plane. Each test leaves
/// neither a release nor the CRD.
class ChartInstallGate {
  private static final String CHART = ChartFiles.CHART.toString();
  private static final String RELEASE = Chart.RELEASE;
  private static final String NAMESPACE = "cgroup-policy-system";
  private static final Tool HELM = Tool.named("helm");

  @AutoClose private static ControlPlane cluster;
  private static Kubectl kubectl;

  @TempDir Path directory;

  @BeforeAll
  static void start() throws IOException {
    cluster = new ControlPlane(WorkDirectory.resolve("chart-install"));
    kubectl = new Kubectl(cluster.kubeconfig());
    kubectl.succeed("create", "namespace", "elsewhere");
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("file.yaml"), text);
  }

  @Test
  void installUpgradeAndUninstall() {
    var at = new String[] {"--kubeconfig", cluster.kubeconfig().toString()};
    helm(at, "install", RELEASE, CHART, "-n", NAMESPACE, "--create-namespace");
    kubectl.succeed("apply", "-f", "config/samples/guard.yaml");
    assertThat(HELM.run(append(at, "install", "second", CHART, "-n", "elsewhere")).output())
        .as("a second operator in a cluster")
        .contains("invalid ownership metadata");
    helm(at, "upgrade", RELEASE, CHART, "-n", NAMESPACE, "--set", "replicaCount=3");
    eventually(
        () ->
            assertThat(kubectl.succeed("get", "pods", "-n", NAMESPACE, "-o", "name").lines())
                .hasSize(3));
    assertThat(helm(at, "uninstall", RELEASE, "-n", NAMESPACE)).contains("cgrouppolicies");
    assertThat(kubectl.succeed("get", "cgp", "-o", "name"))
        .as("policies stay, and so do limits")
        .contains("guard");
    assertThat(kubectl.succeed("get", "clusterroles,clusterrolebindings", "-o", "name"))
        .doesNotContain("cgroup-policy");
    helm(at, "install", RELEASE, CHART, "-n", NAMESPACE);
    kubectl.succeed("get", "cgp", "guard");
    helm(at, "uninstall", RELEASE, "-n", NAMESPACE);
    kubectl.succeed("delete", "crd", "cgrouppolicies.cgroup-policy.io");
  }

  /// Neither the CRD nor a policy exists at first, and Helm creates no object of an unknown kind.
  @Test
  void policiesComeAndGoWithTheRelease() throws Exception {
    var at = new String[] {"--kubeconfig", cluster.kubeconfig().toString(), "-n", "elsewhere"};
    var given = Chart.values("policies");
    install(at, given);
    assertThat(policies()).contains("first", "kept");
    helm(at, "uninstall", RELEASE);
    assertThat(policies()).as("removed before an upgrade").doesNotContain("first").contains("kept");
    kubectl.succeed("delete", "crd", "cgrouppolicies.cgroup-policy.io");

    install(at, given);
    var uid = kubectl.succeed("get", "cgp", "first", "-o", "jsonpath={.metadata.uid}");
    var changed = file(Files.readString(Path.of(given)).replace("512Mi", "1Gi")).toString();
    helm(at, "upgrade", RELEASE, CHART, "--values", changed);
    var first = kubectl.succeed("get", "cgp", "first", "-o", "yaml");
    assertThat(first).as("adopted, not replaced").contains(uid, "memory: 1Gi", "team: platform");
    assertThat(first).doesNotContain("helm.sh/hook");
    var wrong = file("policies: [{name: first, spec: {mode: Sometimes}}]").toString();
    assertThat(HELM.run(append(at, "upgrade", RELEASE, CHART, "--values", wrong)).output())
        .contains("mode");
    helm(at, "upgrade", RELEASE, CHART, "--set-json", "policies=[]");
    assertThat(policies()).as("not in the list").doesNotContain("first").contains("kept");
    helm(at, "upgrade", RELEASE, CHART, "--values", given);
    assertThat(policies()).contains("first", "kept");
    helm(at, "uninstall", RELEASE);
    assertThat(policies()).doesNotContain("first").contains("kept");
    kubectl.succeed("delete", "crd", "cgrouppolicies.cgroup-policy.io");
  }

  /// Without `--wait`, which would wait for pods, the new CRD may not be served yet. Then an
  /// upgrade completes the release, as the chart's README says.
  private static void install(String[] at, String values) {
    var arguments = append(at, "install", RELEASE, CHART, "--values", values);
    var answer = HELM.run(arguments);
    if (answer.status() != 0) {
      assertThat(answer.output()).contains("ensure CRDs are installed first");
      helm(at, "upgrade", RELEASE, CHART, "--values", values);
    }
  }

  private static String policies() {
    return kubectl.succeed("get", "cgp", "-o", "name");
  }

  @Test
  void runsOnTheNodesNetworkAsAnotherServiceAccount() {
    kubectl.succeed("create", "namespace", "host");
    kubectl.succeed("create", "serviceaccount", "existing", "-n", "host");
    var at = new String[] {"--kubeconfig", cluster.kubeconfig().toString(), "-n", "host"};
    helm(at, "install", RELEASE, CHART, "--values", Chart.values("host"));
    eventually(
        () ->
            assertThat(kubectl.succeed("get", "pods", "-n", "host", "-o", "yaml"))
                .contains("hostNetwork: true", "dnsPolicy: ClusterFirstWithHostNet")
                .contains("hostPort: 18080", "hostPort: 18443", "serviceAccountName: existing"));
    var operator = "system:serviceaccount:host:existing";
    for (var question :
        List.of("list namespaces", "patch limitranges", "create configmaps -n host")) {
      var arguments = ("auth can-i " + question + " --as " + operator).split(" ");
      assertThat(kubectl.succeed(arguments).strip()).as(question).endsWith("yes");
    }
    assertThat(kubectl.succeed("get", "serviceaccounts", "-n", "host", "-o", "name"))
        .doesNotContain("/" + RELEASE);
    assertThat(
            kubectl.succeed(
                "get", "configmap", "extra", "-n", "host", "-o", "jsonpath={.data.release}"))
        .isEqualTo(RELEASE);
    helm(at, "uninstall", RELEASE);
    kubectl.succeed("get", "serviceaccount", "existing", "-n", "host");
    kubectl.succeed("delete", "crd", "cgrouppolicies.cgroup-policy.io");
  }

  /// With the registry that the chart requires, which other values may override.
  private static String[] append(String[] at, String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    if (List.of("install", "upgrade").contains(arguments[0])) {
      all.addAll(1, List.of("--values", Chart.VALUES));
    }
    all.addAll(List.of(at));
    return all.toArray(String[]::new);
  }

  private static String helm(String[] at, String... arguments) {
    return HELM.succeed(append(at, arguments));
  }
}
