package io.cgrouppolicy.delivery.olm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.delivery.CrdFile;
import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.Sample;
import io.cgrouppolicy.delivery.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The committed bundle, as far as its files show.
class BundleTest {
  private static final String FEATURES = "features.operators.openshift.io/";

  private final BundleFiles bundle = BundleFiles.read(OlmBundle.DIRECTORY);
  private final JsonNode owned = bundle.csv().at("/spec/customresourcedefinitions/owned/0");

  BundleTest() throws IOException {}

  @Test
  void itHasTheProjectsVersion() throws IOException {
    assertThat(bundle.name()).isEqualTo("cgroup-policy-operator.v" + Project.version());
    assertThat(bundle.csv().at("/spec/version").asText()).isEqualTo(Project.version());
    assertThat(bundle.annotation("createdAt")).isEqualTo(Project.timestamp());
  }

  @Test
  void theLabelsOfItsImageEqualItsAnnotations() throws IOException {
    var labels = new TreeMap<String, String>();
    for (var line : Files.readAllLines(OlmBundle.DIRECTORY.resolve("bundle.Dockerfile"))) {
      if (line.startsWith("LABEL ")) {
        var label = line.substring("LABEL ".length()).split("=", 2);
        labels.put(label[0], label[1].replace("\"", ""));
      }
    }
    var annotations = new TreeMap<String, String>();
    Yaml.read(OlmBundle.DIRECTORY.resolve("metadata/annotations.yaml"))
        .get("annotations")
        .properties()
        .forEach(entry -> annotations.put(entry.getKey(), entry.getValue().asText()));

    assertThat(labels).isEqualTo(annotations).hasSize(9);
    assertThat(annotations.get("operators.operatorframework.io.bundle.channels.v1").split(","))
        .allMatch(channel -> channel.matches("(stable|fast|candidate).*"))
        .contains(annotations.get("operators.operatorframework.io.bundle.channel.default.v1"));
  }

  @Test
  void itContainsNothingThatOlmCreates() {
    assertThat(bundle.manifests())
        .extracting(BundleFiles.Manifest::kind)
        .contains("CustomResourceDefinition", "Service", "PodDisruptionBudget")
        .doesNotContain("Namespace", "Deployment");
    var accounts = bundle.strategy().findValuesAsText("serviceAccountName");
    assertThat(accounts).contains("cgroup-policy-operator", "cgroup-policy-kubelet-reader");
    for (var manifest : bundle.manifests()) {
      assertThat(manifest.object().path("subjects").findValuesAsText("name"))
          .doesNotContainAnyElementsOf(accounts);
      if (manifest.kind().equals("ServiceAccount")) {
        assertThat(Yaml.name(manifest.object())).isNotIn(accounts);
      }
    }
  }

  /// OLM chooses the namespace, so the bundle must not name one, except in the server name of the
  /// metrics endpoint, which is for the suggested namespace.
  @Test
  void noManifestNamesTheDefaultNamespace() throws IOException {
    for (var manifest : bundle.manifests()) {
      assertThat(Files.readString(manifest.file()).replaceAll(" serverName: .*", ""))
          .as(manifest.file().toString())
          .doesNotContain("cgroup-policy-system");
      assertThat(manifest.object().at("/metadata/namespace").isMissingNode()).isTrue();
    }
    assertThat(Yaml.write(bundle.csv().at("/spec"))).doesNotContain("cgroup-policy-system");
  }

  @Test
  void itWatchesAllNamespacesOrNone() {
    var supported = new ArrayList<String>();
    for (var mode : bundle.csv().at("/spec/installModes")) {
      if (mode.get("supported").asBoolean()) {
        supported.add(mode.get("type").asText());
      }
    }
    assertThat(supported).containsExactly("AllNamespaces");
  }

  @Test
  void itHasOneIcon() throws IOException {
    var icons = bundle.csv().at("/spec/icon");

    assertThat(icons).hasSize(1);
    assertThat(icons.at("/0/mediatype").asText()).isEqualTo("image/svg+xml");
    assertThat(
            new String(
                Base64.getDecoder().decode(icons.at("/0/base64data").asText()),
                StandardCharsets.UTF_8))
        .isEqualTo(Files.readString(Path.of("config/olm/icon.svg")));
  }

  @Test
  void itDeclaresEachFeature() {
    var said = new TreeMap<String, String>();
    for (var entry : bundle.csv().at("/metadata/annotations").properties()) {
      if (entry.getKey().startsWith(FEATURES)) {
        said.put(entry.getKey().substring(FEATURES.length()), entry.getValue().asText());
      }
    }
    assertThat(said)
        .isEqualTo(
            Map.of(
                "disconnected", "true",
                "fips-compliant", "false",
                "proxy-aware", "true",
                "tls-profiles", "false",
                "token-auth-aws", "false",
                "token-auth-azure", "false",
                "token-auth-gcp", "false"));
  }

  /// The annotation `disconnected` promises that relatedImages lists all images to mirror.
  @Test
  void allImagesAreRelated() {
    var images = new ArrayList<String>();
    bundle.podSpec().get("containers").forEach(c -> images.add(c.get("image").asText()));
    bundle.podSpec().path("initContainers").forEach(c -> images.add(c.get("image").asText()));
    var related = new ArrayList<String>();
    bundle.csv().at("/spec/relatedImages").forEach(i -> related.add(i.get("image").asText()));

    assertThat(related).containsExactlyInAnyOrderElementsOf(images).hasSize(1);
    assertThat(bundle.annotation("containerImage")).isIn(related);
  }

  /// The requirements of OpenShift's SCC restricted-v2 and the Pod Security level `restricted`.
  @Test
  void itsPodsAreRestricted() {
    var pod = bundle.podSpec();

    assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
    assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    assertThat(pod.at("/securityContext").has("runAsUser")).isFalse();
    assertThat(pod.at("/securityContext").has("fsGroup")).isFalse();
    for (var container : pod.get("containers")) {
      var context = container.get("securityContext");
      assertThat(context.get("allowPrivilegeEscalation").asBoolean(true)).isFalse();
      assertThat(context.get("readOnlyRootFilesystem").asBoolean()).isTrue();
      assertThat(context.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
      assertThat(context.has("runAsUser")).isFalse();
      assertThat(container.at("/resources/requests").properties())
          .extracting(Map.Entry::getKey)
          .contains("cpu", "memory");
    }
  }

  @Test
  void itsFirstExampleOnlyReports() throws IOException {
    var examples = new ObjectMapper().readTree(bundle.annotation("alm-examples"));
    assertThat(examples).hasSameSizeAs(Sample.all()).hasSizeGreaterThan(8);
    assertThat(examples.at("/0/spec/mode").asText("Audit")).isEqualTo("Audit");
    assertThat(examples.at("/0/spec").has("namespaces")).isTrue();
  }

  @Test
  void everyFieldHasADescriptor() throws IOException {
    var crd = Yaml.read(CrdFile.FILE);
    var schema = crd.at("/spec/versions/0/schema/openAPIV3Schema/properties");

    var spec = paths(owned.get("specDescriptors"));
    assertThat(spec)
        .containsAll(keys(schema.at("/spec/properties")))
        .contains("namespaces.limitRange.limits[0].default", "nodes.kubelet.podPidsLimit")
        .doesNotHaveDuplicates();
    assertThat(paths(owned.get("statusDescriptors")))
        .containsAll(keys(schema.at("/status/properties")))
        .contains("namespaces.compliant")
        .doesNotHaveDuplicates();
    for (var list : List.of("specDescriptors", "statusDescriptors")) {
      for (var descriptor : owned.get(list)) {
        assertThat(descriptor.get("description").asText())
            .as(descriptor.get("path").asText())
            .isNotBlank();
      }
    }
  }

  private static List<String> keys(JsonNode properties) {
    return properties.properties().stream().map(Map.Entry::getKey).collect(Collectors.toList());
  }

  private static List<String> paths(JsonNode descriptors) {
    var paths = new ArrayList<String>();
    descriptors.forEach(descriptor -> paths.add(descriptor.get("path").asText()));
    return paths;
  }
}
