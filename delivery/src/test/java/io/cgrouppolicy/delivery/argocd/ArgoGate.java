package io.cgrouppolicy.delivery.argocd;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.delivery.Sample;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.argocd.HealthCheck.Health;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Tool;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Checks the files for Argo CD with Argo CD's own code (hack/tools/argocd-health), which reads the
/// delivered argocd-cm.
class ArgoGate {
  private static final Tool ARGO = Tool.named("argocd-health");
  private static final String CONFIG_MAP = ArgoForms.CONFIG_MAP.toString();

  @RegisterExtension final Fixture fixture = new Fixture();

  @TempDir Path directory;

  private static List<JsonNode> ask(String... arguments) {
    return ARGO.succeed(arguments).lines().map(ArgoGate::json).toList();
  }

  private static JsonNode json(String line) {
    try {
      return RecordedStates.JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(String name, Object content) {
    try {
      return Files.writeString(directory.resolve(name), Serialization.asYaml(content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode recorded(String state) {
    return (ObjectNode) RecordedStates.read(RecordedStates.path(state));
  }

  private static Map<String, Health> healths(String configMap) {
    var arguments = new ArrayList<>(List.of("health", configMap));
    var expected = RecordedStates.expected();
    expected.keySet().forEach(path -> arguments.add(ArgoForms.DIRECTORY.resolve(path).toString()));
    var healths = new TreeMap<String, Health>();
    for (var answer : ask(arguments.toArray(String[]::new))) {
      healths.put(
          ArgoForms.DIRECTORY.relativize(Path.of(answer.path("file").asText())).toString(),
          new Health(answer.path("status").asText(), answer.path("message").asText()));
    }
    return healths;
  }

  @Test
  void argoCdAndTheSandboxAgreeOnEachState() {
    var healths = healths(CONFIG_MAP);
    assertThat(healths).isEqualTo(RecordedStates.expected());
    healths.forEach(
        (path, health) ->
            assertThat(HealthCheck.of(RecordedStates.read(ArgoForms.DIRECTORY.resolve(path))))
                .as(path)
                .isEqualTo(health));
  }

  @Test
  void withoutTheCheckABrokenPolicyIsHealthy() {
    var healths = healths(withoutCustomizations());
    assertThat(healths.get("testdata/invalid.yaml"))
        .isEqualTo(healths.get("testdata/enforced.yaml"));
  }

  private String withoutCustomizations() {
    return with(Map.of()).toString();
  }

  /// argocd-cm with only these keys.
  private Path with(Map<String, String> keys) {
    var configMap = (ObjectNode) RecordedStates.read(ArgoForms.CONFIG_MAP);
    var data = configMap.putObject("data");
    keys.forEach(data::put);
    return file("argocd-cm.yaml", configMap);
  }

  /// Argo CD 3 does the same by default; our setting matters if the default is disabled.
  @Test
  void aChangeOfOnlyTheStatusRefreshesNoApplication() {
    var before = RecordedStates.path("enforced-violations").toString();
    var status = recorded("enforced-violations");
    status.withObject("/status").put("violationCount", 7);
    status.withObject("/metadata").put("resourceVersion", "2");
    var after = file("status.yaml", status).toString();
    assertThat(ignored(CONFIG_MAP, before, after)).isTrue();

    var keys = new TreeMap<String, String>();
    keys.put("resource.compareoptions", "ignoreDifferencesOnResourceUpdates: false\n");
    assertThat(ignored(with(keys).toString(), before, after)).as("without ours").isFalse();
    RecordedStates.read(ArgoForms.CONFIG_MAP)
        .path("data")
        .properties()
        .forEach(key -> keys.put(key.getKey(), key.getValue().asText()));
    assertThat(ignored(with(keys).toString(), before, after)).as("with ours").isTrue();
  }

  @Test
  void aChangeOfSpecOrHealthRefreshesTheApplication() {
    var before = RecordedStates.path("enforced").toString();
    var spec = recorded("enforced");
    spec.withObject("/spec").put("priority", 7);
    assertThat(ignored(CONFIG_MAP, before, file("spec.yaml", spec).toString())).isFalse();
    var health = recorded("enforced");
    health.set("status", recorded("enforced-violations").get("status"));
    assertThat(ignored(CONFIG_MAP, before, file("health.yaml", health).toString())).isFalse();
  }

  private static boolean ignored(String configMap, String before, String after) {
    return ask("updates", configMap, before, after).getFirst().path("ignored").asBoolean();
  }

  private static List<JsonNode> application(String verb, String method, String app, Path manifest) {
    return ask(
        verb,
        LocalCluster.get().adminKubeconfig().toString(),
        CONFIG_MAP,
        method,
        app,
        manifest.toString());
  }

  private static List<String> resources(List<JsonNode> compared) {
    return compared.stream()
        .filter(line -> line.has("resource"))
        .map(line -> line.path("resource").asText() + " " + line.path("sync").asText())
        .sorted()
        .toList();
  }

  /// With each tracking method, the policy's objects are shown below it and do not belong to the
  /// application: they are neither a difference nor pruned. An object with the same marks and no
  /// owner is pruned, which shows that the test can fail.
  @ParameterizedTest
  @CsvSource({"annotation", "label", "annotation+label"})
  void theOperatorsObjectsAreShownButDoNotBelongToTheApplication(String method) {
    SharedOperator.get();
    var namespace = fixture.namespace("a");
    var app = fixture.id + "-app";
    var policy = Serialization.unmarshal(fixture.yaml("p", "mode: Enforce", 256), Map.class);
    var manifest = file("policy.yaml", policy);
    try {
      application("sync", method, app, manifest);
      eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
      var key = "cgroup-policy.io/CgroupPolicy//" + fixture.id + "-p";

      var compared = application("compare", method, app, manifest);
      assertThat(resources(compared)).containsExactly(key + " Synced");
      assertThat(compared.stream().filter(line -> line.has("child")))
          .extracting(line -> line.path("child").asText() + line.path("app").asText())
          .containsExactlyInAnyOrder(
              "/LimitRange/" + namespace + "/cgroup-policy",
              "/ResourceQuota/" + namespace + "/cgroup-policy");

      marked(namespace, app);
      assertThat(resources(application("compare", method, app, manifest)))
          .containsExactly("/LimitRange/" + namespace + "/marked Prunable", key + " Synced");
    } finally {
      fixture.delete("p");
    }
  }

  private void marked(String namespace, String app) {
    fixture
        .client
        .resource(
            new LimitRangeBuilder()
                .withNewMetadata()
                .withName("marked")
                .withNamespace(namespace)
                .withLabels(Map.of("app.kubernetes.io/instance", app))
                .withAnnotations(
                    Map.of(
                        "argocd.argoproj.io/tracking-id",
                        app + ":/LimitRange:" + namespace + "/marked"))
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build())
        .create();
  }

  static List<Sample> samples() throws IOException {
    return Sample.all();
  }

  @ParameterizedTest
  @MethodSource("samples")
  @EmbeddedCluster("samples are about all namespaces")
  void aSyncedSampleHasNoDifference(Sample sample) throws IOException {
    SharedOperator.get();
    var name = sample.name();
    var manifest = Files.writeString(directory.resolve("sample.yaml"), sample.yaml());
    var policy = fixture.client.resources(CgroupPolicy.class).withName(name);
    try {
      application("sync", "annotation", "samples", manifest);
      eventually(
          () -> {
            assertThat(policy.get().getStatus().conditions()).isNotNull();
            assertThat(policy.get().getStatus().conditions())
                .filteredOn(condition -> condition.getType().equals("Ready"))
                .extracting(Condition::getStatus)
                .containsExactly("True");
          });
      var key = "cgroup-policy.io/CgroupPolicy//" + name;
      assertThat(resources(application("compare", "annotation", "samples", manifest)))
          .containsExactly(key + " Synced");
      var changed = Yaml.parse(sample.yaml());
      changed.withObject("/spec").put("priority", 77);
      assertThat(
              resources(
                  application("compare", "annotation", "samples", file("changed.yaml", changed))))
          .as("once it is changed in Git")
          .containsExactly(key + " OutOfSync");
    } finally {
      policy.delete();
    }
  }

  @Test
  void theApplicationsAreValid() {
    var crds =
        Tool.source("argocd-health", "github.com/argoproj/argo-cd/v3").resolve("manifests/crds");
    var crd = crds.resolve("application-crd.yaml").toString();
    try {
      Kubectl.run("apply", "--server-side", "-f", crd);
      new Kubectl(LocalCluster.get().adminKubeconfig())
          .awaitEstablished("applications.argoproj.io");
      Kubectl.run("create", "namespace", "argocd");
      var answer =
          Kubectl.run(
              "create",
              "--dry-run=server",
              "--validate=strict",
              "-f",
              "config/argocd/application.yaml");
      assertThat(answer.lines())
          .containsExactly(
              "application.argoproj.io/cgroup-policy-operator created (server dry run)",
              "application.argoproj.io/cgroup-policies created (server dry run)");
    } finally {
      Kubectl.run("delete", "--ignore-not-found", "-f", crd);
      Kubectl.run("delete", "--ignore-not-found", "namespace", "argocd");
    }
  }

  /// As in the README of config/argocd: other keys stay.
  @Test
  void theConfigMapMergesIntoAnExistingOne() {
    try {
      Kubectl.run("create", "namespace", "argocd");
      Kubectl.run(
          "-n", "argocd", "create", "configmap", "argocd-cm", "--from-literal=url=https://argo");
      Kubectl.run("apply", "--server-side", "--field-manager=cgroup-policy", "-f", CONFIG_MAP);
      var data =
          fixture.client.configMaps().inNamespace("argocd").withName("argocd-cm").get().getData();
      assertThat(data).hasSize(3).containsEntry("url", "https://argo");
    } finally {
      Kubectl.run("delete", "--ignore-not-found", "namespace", "argocd");
    }
  }
}
