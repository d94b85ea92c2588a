package io.cgrouppolicy.delivery.helm;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.monitoring.PrometheusOperatorCrds;
import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.Tool;
import io.cgrouppolicy.testing.WorkDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  private static String values(String name) {
    return Path.of("delivery/src/test/resources/chart", name + ".yaml").toString();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("file.yaml"), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "all", "none", "monitored"})
  void theRenderedObjectsAreValidInAnyNamespace(String values) throws Exception {
    var rendered = Chart.template("elsewhere", "--values", values(values));
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
    var all = Rendered.objects(Chart.template("elsewhere", "--values", values("all")));
    assertThat(all)
        .containsKeys(
            "ClusterRole/cgroup-policy-operator-nodes-proxy",
            "ClusterRoleBinding/cgroup-policy-operator-nodes-proxy");
    var pod = all.get("Deployment/" + RELEASE).at("/spec/template");
    assertThat(pod.toString())
        .contains("\"example.com:5000/platform/cgroup-policy-operator@sha256:0123")
        .contains("\"CGROUP_POLICY_SYSTEM_NAMESPACES\",\"value\":\"kube-system,platform-*\"")
        .contains("\"CGROUP_POLICY_QUOTA_GRACE\",\"value\":\"5M\"")
        .contains("\"CGROUP_POLICY_KUBELET_ACCESS\",\"value\":\"proxy\"")
        .contains("\"value\":\"/etc/cgroup-policy/kubelet-ca/ca-bundle.crt\"")
        .contains("\"CGROUP_POLICY_KUBELET_INSECURE_SKIP_TLS_VERIFY\",\"value\":\"true\"")
        .contains("\"CGROUP_POLICY_KUBELET_INTERVAL\",\"value\":\"10M\"")
        .contains("\"CGROUP_POLICY_KUBELET_TIMEOUT\",\"value\":\"3S\"")
        .contains("\"CGROUP_POLICY_PRESSURE_INTERVAL\",\"value\":\"1M\"")
        .contains("\"CGROUP_POLICY_METRICS_SECURE\",\"value\":\"false\"")
        .contains("\"_JAVA_OPTIONS\",\"value\":\"-Xmx512m\"")
        .contains("\"QUARKUS_LOG_LEVEL\",\"value\":\"DEBUG\"")
        .contains("\"secretName\":\"mine\"", "\"name\":\"pull\"", "system-cluster-critical");
    assertThat(pod.at("/metadata/labels/team").asText()).isEqualTo("platform");
    assertThat(all.get("ServiceMonitor/" + RELEASE).at("/metadata/labels/release").asText())
        .isEqualTo("prometheus");
    assertThat(all.get("ServiceMonitor/" + RELEASE).at("/spec/endpoints/0/scheme").asText())
        .isEqualTo("http");
    assertThat(all.get("NetworkPolicy/" + RELEASE).toString()).contains("10350", "7443");
    assertThat(all.values())
        .allSatisfy(o -> assertThat(o.at("/metadata/labels/team").asText()).isEqualTo("platform"));

    var none = Rendered.objects(Chart.template("elsewhere", "--values", values("none")));
    assertThat(none.keySet())
        .noneMatch(name -> name.matches("(Network|PodDisruption|CustomResource).*"))
        .doesNotContain("ClusterRole/cgroup-policy-editor", "ClusterRole/cgroup-policy-viewer");
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
    var verified = Rendered.objects(Chart.template("elsewhere", "--values", values("monitored")));
    assertThat(verified.get("ServiceMonitor/" + RELEASE).at("/spec/endpoints/0/tlsConfig"))
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replcas=2 | replcas",
        "replicas=-1 | /replicas",
        "image.tag=a b | /image/tag",
        "image.digest=sha256:12 | /image/digest",
        "image.pullPolicy=Sometimes | /image/pullPolicy",
        "image.name=x | /image",
        "resources.limits.memory=null | /resources/limits",
        "podDisruptionBudget.maxUnavailable=0 | /podDisruptionBudget/maxUnavailable",
        "networkPolicy.extraEgressPorts={99999} | /networkPolicy/extraEgressPorts/0",
        "operator.kubelet.access=magic | /operator/kubelet/access",
        "operator.kubelet.interval=often | /operator/kubelet/interval",
        "operator.kubelet.ca=x | /operator/kubelet",
        "operator.systemNamespaces={a,B} | /operator/systemNamespaces/1",
        "extraEnv[0].value=x | /extraEnv/0",
        "crds.keep=perhaps | /crds/keep",
      })
  void aWrongValueIsRefusedByName(String wrong, String field) {
    var answer = Chart.answer(NAMESPACE, "--set", wrong);
    assertThat(answer.status()).isNotZero();
    assertThat(answer.output().replace("at '/", "'/").replace('.', '/')).contains(field);
  }

  @Test
  void installUpgradeAndUninstall() {
    var at = new String[] {"--kubeconfig", cluster.kubeconfig().toString()};
    helm(at, "install", RELEASE, CHART, "-n", NAMESPACE, "--create-namespace", "-f", Chart.VALUES);
    kubectl.succeed("apply", "-f", "config/samples/guard.yaml");
    assertThat(
            helm.run(
                    "install", "second", CHART, "-n", "elsewhere", "-f", Chart.VALUES, at[0], at[1])
                .output())
        .as("a second operator in a cluster")
        .contains("invalid ownership metadata");
    helm(at, "upgrade", RELEASE, CHART, "-n", NAMESPACE, "--reuse-values", "--set", "replicas=3");
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
    helm(at, "install", RELEASE, CHART, "-n", NAMESPACE, "-f", Chart.VALUES);
    kubectl.succeed("get", "cgp", "guard");
    helm(at, "uninstall", RELEASE, "-n", NAMESPACE);
    kubectl.succeed("delete", "crd", "cgrouppolicies.cgroup-policy.io");
  }

  private static String helm(String[] at, String... arguments) {
    return helm.succeed(Stream.concat(Stream.of(arguments), Stream.of(at)).toArray(String[]::new));
  }

  @Test
  void schemaAndValuesHaveTheSameKeys() throws Exception {
    var schema = new ObjectMapper().readTree(Path.of(CHART, "values.schema.json").toFile());
    var values = Yaml.read(Path.of(CHART, "values.yaml"));
    compare("", schema, schema, values);
  }

  private static void compare(String path, JsonNode root, JsonNode schema, JsonNode values) {
    var properties = schema.path("properties");
    if (!properties.isObject()) {
      return;
    }
    for (var names = properties.fieldNames(); names.hasNext(); ) {
      var name = names.next();
      if (!name.equals("global")) {
        assertThat(values.has(name)).as(path + "/" + name + " is in values.yaml").isTrue();
        var inner = properties.path(name);
        var reference = inner.path("$ref").asText("#").substring(1);
        compare(
            path + "/" + name,
            root,
            reference.isEmpty() ? inner : root.at(reference),
            values.path(name));
      }
    }
  }
}
