package io.cgrouppolicy.delivery.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The values of the chart: each has an effect, and wrong ones are rejected by name.
class ChartValuesGate {
  private static final String CHART = ChartFiles.CHART.toString();
  private static final String NAMESPACE = "cgroup-policy-system";

  @TempDir Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("file.yaml"), text);
  }

  /// Taking a value away changes what is rendered, in one of the files at least.
  @Test
  void noValueIsWithoutEffect() throws Exception {
    var without = new ArrayList<>(leaves("", Yaml.read(Path.of(CHART, "values.yaml"))));
    assertThat(without).hasSizeGreaterThan(70);
    for (var name : List.of("all", "monitored", "none", "policies")) {
      var given = Yaml.read(Path.of(Chart.values(name)));
      var rendered = Chart.template("elsewhere", "--values", Chart.values(name));
      for (var leaf : List.copyOf(without)) {
        var changed = given.deepCopy();
        var parent = changed.at(leaf.substring(0, leaf.lastIndexOf('/')));
        var key = leaf.substring(leaf.lastIndexOf('/') + 1);
        if (parent instanceof ObjectNode object && object.remove(key) != null) {
          var answer = Chart.answer("elsewhere", "--values", file(Yaml.write(changed)).toString());
          if (!answer.output().equals(rendered)) {
            without.remove(leaf);
          }
        }
      }
    }
    assertThat(without).isEmpty();
  }

  /// Pointers to the values, of which a map with entries is one only if the schema says nothing of
  /// them.
  private static List<String> leaves(String path, JsonNode value) {
    if (!value.isObject() || value.isEmpty() || path.equals("/nodeSelector")) {
      return List.of(path);
    }
    var leaves = new ArrayList<String>();
    value
        .fields()
        .forEachRemaining(
            field -> leaves.addAll(leaves(path + "/" + field.getKey(), field.getValue())));
    return leaves;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replcas=2 | replcas",
        "replicaCount=-1 | /replicaCount",
        "serviceAccount.names=x | /serviceAccount",
        "serviceAccount.name=A b | /serviceAccount/name",
        "revisionHistoryLimit=-1 | /revisionHistoryLimit",
        "updateStrategy.type=Sometimes | /updateStrategy/type",
        "hostNetwork=perhaps | /hostNetwork",
        "dnsPolicy=Mine | /dnsPolicy",
        "dnsConfig.servers={a} | /dnsConfig",
        "ports.health=0 | /ports/health",
        "livenessProbe.period=1 | /livenessProbe",
        "startupProbe.periodSeconds=0 | /startupProbe/periodSeconds",
        "logLevel=LOUD | /logLevel",
        "extraVolumes[0].emptyDir.medium=x | /extraVolumes/0",
        "extraVolumeMounts[0].name=x | /extraVolumeMounts/0",
        "extraArgs={a} | extraArgs",
        "fullnameOverride=x | fullnameOverride",
        "serviceMonitor.interval=often | /serviceMonitor/interval",
        "serviceMonitor.relabelling={a} | /serviceMonitor",
        "prometheusRule.namespace=A | /prometheusRule/namespace",
        "dashboard.folder=x | /dashboard",
        "policies[0].name=x | /policies/0",
        "policies[0].mode=Audit | /policies/0",
        "extraObjects={1} | /extraObjects/0",
        "operator.quotaGrace=5 minutes | /operator/quotaGrace",
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
    assertThat(rejected(wrong).replace("at '/", "'/").replace('.', '/')).contains(field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replicas=2 | replicas was renamed to replicaCount",
        "crds.install=true | crds.install was renamed to crds.enabled",
        "serviceAccount.create=false | serviceAccount.name must be set",
      })
  void aFormerNameIsRefusedWithTheNewOne(String wrong, String message) {
    assertThat(rejected(wrong)).contains(message);
  }

  private static String rejected(String value) {
    var answer = Chart.answer(NAMESPACE, "--set", value);
    assertThat(answer.status()).isNotZero();
    return answer.output();
  }

  @Test
  void schemaAndValuesKnowTheSame() throws Exception {
    var schema = new ObjectMapper().readTree(Path.of(CHART, "values.schema.json").toFile());
    var values = Yaml.read(Path.of(CHART, "values.yaml"));
    compare("", schema, schema, values);
  }

  private static void compare(String path, JsonNode root, JsonNode schema, JsonNode values) {
    var properties = schema.path("properties");
    // Values of a Kubernetes type have more fields than values.yaml sets.
    if (!properties.isObject() || values.isEmpty() || path.endsWith("Probe")) {
      return;
    }
    for (var names = properties.fieldNames(); names.hasNext(); ) {
      var name = names.next();
      // What nobody sets, and former names, which a template rejects.
      if (!path.concat("/" + name).matches("/global|/replicas|/crds/install")) {
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
