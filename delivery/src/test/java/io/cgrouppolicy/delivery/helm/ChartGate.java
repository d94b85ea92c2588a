package io.cgrouppolicy.delivery.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.monitoring.PrometheusOperatorCrds;
import io.cgrouppolicy.shell.kubelet.KubeletToken;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The Helm chart, on a separate control plane.
class ChartGate {
  private static final String CHART = ChartFiles.CHART.toString();
  private static final String RELEASE = Chart.RELEASE;
  private static final String NAMESPACE = "cgroup-policy-system";
  private static final List<String> HELM_LABELS =
      List.of(
          "app.kubernetes.io/instance",
          "app.kubernetes.io/version",
          "app.kubernetes.io/managed-by",
          "helm.sh/chart");

  @AutoClose private static ControlPlane cluster;
  private static Kubectl kubectl;
  private static Tool helm;

  @TempDir Path directory;

  @BeforeAll
  static void start() throws Exception {
    helm = Tool.named("helm");
    cluster = new ControlPlane(WorkDirectory.resolve("chart"));
    kubectl = new Kubectl(cluster.kubeconfig());
    PrometheusOperatorCrds.install(kubectl);
    kubectl.succeed("create", "namespace", "elsewhere");
  }

  @Test
  void lints() {
    assertThat(helm.succeed("lint", "--strict", CHART)).contains("0 chart(s) failed");
  }

  @Test
  void theDefaultsInstallTheSameAsKustomize() throws Exception {
    var chart =
        Rendered.objects(Chart.template(NAMESPACE).replace("image: " + Chart.REGISTRY, "image: "));
    var config = Rendered.objects(kubectl.succeed("kustomize", "config/default"));
    // Helm makes it (--create-namespace) or has it, and never deletes it.
    assertThat(config.remove("Namespace/" + NAMESPACE)).isNotNull();
    for (var object : chart.entrySet()) {
      var metadata = (ObjectNode) object.getValue().path("metadata");
      var labels = (ObjectNode) metadata.path("labels");
      assertThat(labels.remove(HELM_LABELS)).isNotNull();
      if (object.getKey().startsWith("CustomResourceDefinition/")) {
        assertThat(metadata.path("annotations"))
            .hasToString("{\"helm.sh/resource-policy\":\"keep\"}");
        metadata.remove("annotations");
      }
    }
    assertThat(chart.keySet()).isEqualTo(config.keySet());
    var differences = new ArrayList<String>();
    for (var object : config.entrySet()) {
      Rendered.differ(object.getKey(), object.getValue(), chart.get(object.getKey()), differences);
    }
    assertThat(differences).isEmpty();
  }

  /// There is no public image, and a pod that cannot pull one says nothing of why.
  @Test
  void withoutAnImageItIsRefusedWithWhatToDo() {
    var answer = helm.run("install", RELEASE, CHART, "-n", NAMESPACE, "--dry-run=client");
    assertThat(answer.status()).isNotZero();
    assertThat(answer.output())
        .contains("image.registry is required", "docs/image.md", "--set image.registry=REGISTRY");
    var digest = "image.digest=sha256:" + "0".repeat(64);
    helm.succeed("template", RELEASE, CHART, "--set", digest);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("file.yaml"), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "all", "none", "monitored"})
  void theRenderedObjectsAreValidInAnyNamespace(String values) throws Exception {
    var rendered = Chart.template("elsewhere", "--values", Chart.values(values));
    assertThat(rendered).doesNotContain(NAMESPACE);
    kubectl.succeed(
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "-f",
        file(rendered).toString());
  }

  @Test
  void eachValueHasAnEffect() throws Exception {
    var all = Rendered.objects(Chart.template("elsewhere", "--values", Chart.values("all")));
    assertThat(all)
        .containsKeys(
            "ClusterRole/cgroup-policy-operator-nodes-proxy",
            "ClusterRoleBinding/cgroup-policy-operator-nodes-proxy",
            "ClusterRole/cgroup-policy-operator-open-reports",
            "ClusterRoleBinding/cgroup-policy-operator-open-reports",
            "ClusterRole/cgroup-policy-report-viewer");
    var pod = all.get("Deployment/" + RELEASE).at("/spec/template");
    assertThat(pod.toString())
        .contains("\"example.com:5000/platform/cgroup-policy-operator@sha256:0123")
        .contains("\"CGROUP_POLICY_SYSTEM_NAMESPACES\",\"value\":\"kube-system,platform-*\"")
        .contains("\"CGROUP_POLICY_QUOTA_GRACE\",\"value\":\"5M\"")
        .contains("\"CGROUP_POLICY_KUBELET_ACCESS\",\"value\":\"proxy\"")
        .contains("\"value\":\"/etc/cgroup-policy/kubelet-ca/ca.crt\"")
        .contains("\"CGROUP_POLICY_KUBELET_INSECURE_SKIP_TLS_VERIFY\",\"value\":\"true\"")
        .contains("\"CGROUP_POLICY_KUBELET_INTERVAL\",\"value\":\"10m\"")
        .contains("\"CGROUP_POLICY_KUBELET_TIMEOUT\",\"value\":\"2.5s\"")
        .contains("\"CGROUP_POLICY_PRESSURE_INTERVAL\",\"value\":\"1m30s\"")
        .contains("\"CGROUP_POLICY_OPEN_REPORTS_ENABLED\",\"value\":\"true\"")
        .contains("\"CGROUP_POLICY_OPEN_REPORTS_INTERVAL\",\"value\":\"10m\"")
        .contains("\"CGROUP_POLICY_METRICS_SECURE\",\"value\":\"false\"")
        .contains("\"_JAVA_OPTIONS\",\"value\":\"-Xmx512m\"")
        .contains("\"QUARKUS_LOG_CATEGORY__IO_CGROUPPOLICY__LEVEL\",\"value\":\"DEBUG\"")
        .contains(
            "\"HTTPS_PROXY\"", "\"mountPath\":\"/extra\"", "\"emptyDir\":{},\"name\":\"extra\"")
        .contains("\"hostNetwork\":true", "\"dnsPolicy\":\"None\"", "\"ndots\"")
        .contains("\"containerPort\":18080", "\"QUARKUS_HTTP_PORT\",\"value\":\"18080\"")
        .contains("\"containerPort\":18443", "\"CGROUP_POLICY_METRICS_PORT\",\"value\":\"18443\"")
        .contains("\"serviceAccountName\":\"mine\"", "\"terminationGracePeriodSeconds\":20")
        .contains("\"secretName\":\"mine\"", "\"name\":\"pull\"", "system-cluster-critical");
    assertThat(pod.at("/metadata/labels/team").asText()).isEqualTo("platform");
    assertThat(all.get("ServiceMonitor/" + RELEASE).at("/metadata/labels/release").asText())
        .isEqualTo("prometheus");
    assertThat(all.get("ServiceMonitor/" + RELEASE).at("/spec/endpoints/0/scheme").asText())
        .isEqualTo("http");
    var deployment = all.get("Deployment/" + RELEASE);
    assertThat(deployment.at("/metadata/annotations/example.com~1reload").asText())
        .isEqualTo("true");
    assertThat(deployment.at("/spec/strategy")).hasToString("{\"type\":\"Recreate\"}");
    assertThat(deployment.at("/spec/revisionHistoryLimit").isInt()).isTrue();
    assertThat(all.get("ServiceAccount/mine").at("/metadata/annotations"))
        .hasToString("{\"example.com/role\":\"reader\"}");
    assertThat(all.values().stream().flatMap(o -> o.findValues("subjects").stream()))
        .hasSizeGreaterThan(4)
        .allSatisfy(
            subjects ->
                assertThat(subjects.at("/0/name").asText())
                    .isIn("mine", RELEASE + "-metrics-scraper", KubeletToken.ACCOUNT));
    for (var role : List.of(KubeletToken.ACCOUNT, RELEASE + "-nodes-proxy")) {
      assertThat(all.get("ClusterRoleBinding/" + role).at("/subjects"))
          .hasToString(
              "[{\"kind\":\"ServiceAccount\",\"name\":\"%s\",\"namespace\":\"elsewhere\"}]"
                  .formatted(KubeletToken.ACCOUNT));
    }
    assertThat(all).containsKey("ServiceAccount/" + KubeletToken.ACCOUNT);
    assertThat(all.get("ConfigMap/extra").at("/data/account").asText()).isEqualTo("mine");
    assertThat(all.get("ConfigMap/text").at("/metadata/labels/helm.sh~1chart").isTextual())
        .isTrue();
    assertThat(all.get("PrometheusRule/" + RELEASE).at("/metadata/namespace").asText())
        .isEqualTo("default");
    assertThat(all.get("ConfigMap/cgroup-policy-operator-dashboard").path("metadata").toString())
        .contains("\"namespace\":\"default\"", "\"grafana_folder\":\"Platform\"");
    assertThat(all.get("NetworkPolicy/" + RELEASE).toString()).contains("10350", "7443");
    assertThat(all.values())
        .allSatisfy(o -> assertThat(o.at("/metadata/labels/team").asText()).isEqualTo("platform"));

    var none = Rendered.objects(Chart.template("elsewhere", "--values", Chart.values("none")));
    assertThat(none.keySet())
        .noneMatch(name -> name.matches("(Network|PodDisruption|CustomResource).*"))
        .filteredOn(name -> name.startsWith("ServiceAccount"))
        .containsExactly("ServiceAccount/" + KubeletToken.ACCOUNT);
    assertThat(none)
        .doesNotContainKeys("ClusterRole/cgroup-policy-editor", "ClusterRole/cgroup-policy-viewer");
  }

  @Test
  void onTheNodesNetworkThePodsResolveServicesAndMakeRoomForEachOther() throws Exception {
    var deployment =
        Rendered.objects(Chart.template("elsewhere", "--values", Chart.values("host")))
            .get("Deployment/" + RELEASE);
    assertThat(deployment.at("/spec/template/spec/dnsPolicy").asText())
        .isEqualTo("ClusterFirstWithHostNet");
    assertThat(deployment.at("/spec/strategy"))
        .hasToString("{\"rollingUpdate\":{\"maxSurge\":0,\"maxUnavailable\":1}}");
  }

  @Test
  void monitoringInstallsTheSameAsKustomize() throws Exception {
    var flags = List.of("serviceMonitor", "prometheusRule", "dashboard");
    var set = String.join(",", flags.stream().map(flag -> flag + ".enabled=true").toList());
    var chart = Rendered.objects(Chart.template(NAMESPACE, "--set", set));
    var differences = new ArrayList<String>();
    for (var object :
        Rendered.objects(kubectl.succeed("kustomize", "config/prometheus")).entrySet()) {
      var rendered = (ObjectNode) chart.get(object.getKey());
      var labels = (ObjectNode) rendered.at("/metadata/labels");
      labels.remove(HELM_LABELS);
      if (object.getValue().at("/metadata/labels").isMissingNode()) {
        ((ObjectNode) rendered.path("metadata")).remove("labels");
      }
      Rendered.differ(object.getKey(), object.getValue(), rendered, differences);
    }
    assertThat(differences).isEmpty();
    var verified =
        Rendered.objects(Chart.template("elsewhere", "--values", Chart.values("monitored")));
    var monitor = verified.get("ServiceMonitor/" + RELEASE);
    for (var object : List.of("ServiceAccount", "Secret")) {
      assertThat(
              verified.get(object + "/" + RELEASE + "-metrics-scraper").at("/metadata/namespace"))
          .as("the token must be beside the ServiceMonitor")
          .isEqualTo(monitor.at("/metadata/namespace"))
          .hasToString("\"default\"");
    }
    assertThat(
            verified
                .get("ClusterRoleBinding/" + RELEASE + "-metrics-scraper")
                .at("/subjects/0/namespace")
                .asText())
        .isEqualTo("default");
    assertThat(monitor.at("/spec/namespaceSelector"))
        .hasToString("{\"matchNames\":[\"elsewhere\"]}");
    assertThat(monitor.at("/spec/endpoints/0").toString())
        .contains("\"interval\":\"15s\"", "\"scrapeTimeout\":\"10s\"")
        .contains("\"relabelings\":[{\"replacement\":\"one\",\"targetLabel\":\"cluster\"}]")
        .contains("\"metricRelabelings\":[{\"action\":\"labeldrop\"");
    assertThat(verified.get("Service/" + RELEASE + "-metrics").at("/metadata/namespace").asText())
        .isEqualTo("elsewhere");
    assertThat(monitor.at("/spec/endpoints/0/tlsConfig"))
        .hasToString(
            "{\"ca\":{\"secret\":{\"key\":\"ca.crt\",\"name\":\"ca\"}},"
                + "\"serverName\":\"metrics.elsewhere.svc\"}");
  }

  @Test
  void jvmFlagsOverrideTheOperatorsOwn() throws Exception {
    var java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@config/jvm.options",
            "-XX:+PrintFlagsFinal",
            "-version");
    java.environment().put("_JAVA_OPTIONS", "-Xmx512m");
    var process = java.redirectErrorStream(true).start();
    assertThat(process.inputReader().lines().filter(line -> line.contains(" MaxHeapSize ")))
        .singleElement()
        .asString()
        .contains(" 536870912 ");
  }
}
