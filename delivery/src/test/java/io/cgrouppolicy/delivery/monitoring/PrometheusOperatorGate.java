package io.cgrouppolicy.delivery.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.helm.Chart;
import io.cgrouppolicy.delivery.olm.BundleFiles;
import io.cgrouppolicy.delivery.olm.OlmBundle;
import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.WorkDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// An API server with the CRDs of the Prometheus Operator validates the objects for it, on a
/// separate control plane. `ChartGate` tests other values of the chart.
class PrometheusOperatorGate {
  private static final String NAMESPACE = "cgroup-policy-system";
  private static final List<String> KINDS = List.of("PrometheusRule", "ServiceMonitor");

  @AutoClose private static ControlPlane cluster;
  private static Kubectl kubectl;

  @TempDir Path directory;

  @BeforeAll
  static void install() throws IOException {
    cluster = new ControlPlane(WorkDirectory.resolve("prometheus-operator"));
    kubectl = new Kubectl(cluster.kubeconfig());
    PrometheusOperatorCrds.install(kubectl);
    kubectl.succeed("create", "namespace", NAMESPACE);
  }

  /// The object of each kind.
  private static Map<String, String> objects(List<ObjectNode> delivered) {
    var objects = new TreeMap<String, String>();
    for (var object : delivered) {
      var kind = Yaml.kind(object);
      if (KINDS.contains(kind)) {
        assertThat(objects.put(kind, Yaml.write(object))).as("a second " + kind).isNull();
      }
    }
    assertThat(objects).containsOnlyKeys(KINDS);
    return objects;
  }

  private Command.Answer apply(String yaml) throws IOException {
    var file = Files.writeString(directory.resolve("object.yaml"), yaml);
    return kubectl.answer(
        "apply", "--server-side", "--validate=strict", "-n", NAMESPACE, "-f", file.toString());
  }

  private void areTaken(List<ObjectNode> delivered) throws IOException {
    for (var object : objects(delivered).entrySet()) {
      var answer = apply(object.getValue());
      assertThat(answer.output())
          .isEqualTo(
              "%s.monitoring.coreos.com/cgroup-policy-operator serverside-applied\n"
                  .formatted(object.getKey().toLowerCase(Locale.ROOT)));
      assertThat(answer.status()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"config/prometheus", "config/overlays/kubernetes", "config/overlays/openshift"})
  void theObjectsOfKustomizeAreAccepted(String kustomization) throws IOException {
    areTaken(Yaml.readAll(kubectl.succeed("kustomize", kustomization)));
  }

  @Test
  void theObjectsOfTheChartAreAccepted() throws IOException {
    var values = "serviceMonitor.enabled=true,prometheusRule.enabled=true";
    areTaken(Yaml.readAll(Chart.template(NAMESPACE, "--set", values)));
  }

  @Test
  void theObjectsOfTheBundleAreAccepted() throws IOException {
    areTaken(
        BundleFiles.read(OlmBundle.DIRECTORY).manifests().stream()
            .map(BundleFiles.Manifest::object)
            .toList());
  }

  /// Invalid objects, which a CRD without validation would accept.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ServiceMonitor | insecureSkipVerify: | insecureSkipVerfy: | field not declared in schema",
        "ServiceMonitor | matchLabels: | matchLables: | field not declared in schema",
        "ServiceMonitor | interval: \"30s\" | interval: often | spec.endpoints[0].interval",
        "ServiceMonitor | scheme: https | scheme: gopher | spec.endpoints[0].scheme",
        "PrometheusRule | expr: | query: | field not declared in schema",
        "PrometheusRule | annotations: | notes: | field not declared in schema",
        "PrometheusRule | for: \"10m\" | for: a while | spec.groups[0].rules[0].for",
      })
  void anythingElseIsRefused(String kind, String right, String wrong, String reason)
      throws IOException {
    var delivered =
        objects(Yaml.readAll(kubectl.succeed("kustomize", "config/prometheus"))).get(kind);
    assertThat(delivered).contains(right);
    var answer = apply(delivered.replaceFirst(right, wrong));
    assertThat(answer.status()).isNotZero();
    assertThat(answer.output()).contains(reason, wrong.replaceFirst("^[a-z]+: |:$", ""));
  }
}
