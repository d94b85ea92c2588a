package io.cgrouppolicy.delivery.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.Tool;
import io.cgrouppolicy.testing.WorkDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is delivered for the Prometheus Operator, as an API server with its own CRDs takes it, on a
/// control plane of its own. What else the chart can make of it is in `ChartGate`.
class PrometheusOperatorGate {
  private static final String NAMESPACE = "cgroup-policy-system";
  private static final List<String> KINDS = List.of("PrometheusRule", "ServiceMonitor");

  private static ControlPlane cluster;
  private static Kubectl kubectl;

  @TempDir Path directory;

  @BeforeAll
  static void install() throws IOException {
    cluster = new ControlPlane(WorkDirectory.resolve("prometheus-operator"));
    kubectl = new Kubectl(cluster.kubeconfig());
    PrometheusOperatorCrds.install(kubectl);
    kubectl.succeed("create", "namespace", NAMESPACE);
  }

  @AfterAll
  static void end() throws IOException {
    if (cluster != null) {
      cluster.close();
    }
  }

  /// Of each kind the one that is there.
  private static Map<String, String> objects(String yaml) throws IOException {
    var objects = new TreeMap<String, String>();
    for (var object : Yaml.readAll(yaml)) {
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

  private void areTaken(String yaml) throws IOException {
    for (var object : objects(yaml).entrySet()) {
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
  void thoseOfKustomizeAreTaken(String kustomization) throws IOException {
    areTaken(kubectl.succeed("kustomize", kustomization));
  }

  @Test
  void thoseOfTheChartAreTaken() throws IOException {
    areTaken(
        Tool.named("helm")
            .succeed(
                "template",
                "cgroup-policy-operator",
                "charts/cgroup-policy-operator",
                "--namespace",
                NAMESPACE,
                "--set",
                "serviceMonitor.enabled=true,prometheusRule.enabled=true"));
  }

  @Test
  void thoseOfTheBundleAreTaken() throws IOException {
    var manifests = new ArrayList<String>();
    try (var files = Files.list(Path.of("olm-bundle/manifests"))) {
      for (var file : files.sorted().toList()) {
        manifests.add(Files.readString(file));
      }
    }
    areTaken(String.join("---\n", manifests));
  }

  /// What a CRD that takes anything would take.
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
    var delivered = objects(kubectl.succeed("kustomize", "config/prometheus")).get(kind);
    assertThat(delivered).contains(right);
    var answer = apply(delivered.replaceFirst(right, wrong));
    assertThat(answer.status()).isNotZero();
    assertThat(answer.output()).contains(reason, wrong.replaceFirst("^[a-z]+: |:$", ""));
  }
}
