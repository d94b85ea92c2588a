package io.cgrouppolicy.delivery.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import io.cgrouppolicy.testing.OperatorModule;
import io.cgrouppolicy.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The image in a registry on loopback, its bill of materials, and the workflows.
class SupplyChainGate {
  private static final String PLATFORMS = "linux/amd64,linux/arm64";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern CLASSIFIER = Pattern.compile("classifier=([^&]+)");

  @Test
  void anImageForTwoPlatformsIsPushed() throws Exception {
    try (var registry = new LoopbackRegistry()) {
      var base = registry.host() + "/base:1";
      var image = registry.host() + "/cgroup-policy-operator:1";
      Jib.fromScratch()
          .setPlatforms(OperatorImage.platforms(PLATFORMS))
          .addLayer(List.of(Path.of("LICENSE")), AbsoluteUnixPath.get("/base"))
          .addEnvironmentVariable("PATH", "/opt/java/bin")
          .containerize(to(base));
      var made =
          OperatorImage.make(
              Jib.from(base), OperatorImage.platforms(PLATFORMS), to(image), Application.SHIPPED);
      var crane = Tool.named("crane");
      assertThat(crane.succeed("digest", image).strip()).isEqualTo(made.getDigest().toString());
      var platforms = new TreeSet<String>();
      for (var manifest : JSON.readTree(crane.succeed("manifest", image)).path("manifests")) {
        var platform = manifest.path("platform");
        platforms.add(platform.path("os").asText() + "/" + platform.path("architecture").asText());
      }
      assertThat(platforms).containsExactly("linux/amd64", "linux/arm64");
      for (var platform : platforms) {
        var config = JSON.readTree(crane.succeed("config", "--platform", platform, image));
        assertThat(config.path("architecture").asText()).isEqualTo(platform.split("/")[1]);
        assertThat(config.at("/config/User").asText()).isEqualTo(OperatorImage.USER);
        assertThat(config.at("/config/Env").toString()).as("the base's").contains("/opt/java/bin");
      }
    }
  }

  private static Containerizer to(String image) throws Exception {
    return Containerizer.to(RegistryImage.named(image)).setAllowInsecureRegistries(true);
  }

  /// `make sbom` writes it.
  @Test
  void theBillOfMaterialsHasEachLibraryAndNothingElse() throws IOException {
    var listed = new TreeSet<String>();
    var bom = JSON.readTree(Path.of("target/sbom/cgroup-policy-operator.cdx.json").toFile());
    for (var component : bom.path("components")) {
      listed.add(fileName(component));
    }
    // A dependency of Quarkus that it does not package.
    assertThat(listed.removeIf(name -> name.startsWith("io.quarkus.quarkus-ide-launcher-")))
        .isTrue();
    var packaged = new TreeSet<String>();
    try (var files = Files.walk(OperatorModule.PACKAGED.resolve("lib"))) {
      files.filter(Files::isRegularFile).forEach(f -> packaged.add(f.getFileName().toString()));
    }
    assertThat(packaged).hasSizeGreaterThan(50).isEqualTo(listed);
  }

  /// Quarkus's name: GROUP.NAME-VERSION-CLASSIFIER.jar.
  private static String fileName(JsonNode component) {
    var classifier = CLASSIFIER.matcher(component.path("purl").asText());
    return "%s.%s-%s%s.jar"
        .formatted(
            component.path("group").asText(),
            component.path("name").asText(),
            component.path("version").asText(),
            classifier.find() ? "-" + classifier.group(1) : "");
  }

  @Test
  void workflowsAreValid() {
    Tool.named("actionlint").succeed();
  }
}
