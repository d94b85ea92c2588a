package io.cgrouppolicy.delivery.image;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorModule;
import io.cgrouppolicy.testing.OperatorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The image as a file, on a base that the test makes. The test starts its entry point with its
/// user and, if permitted, a read-only root file system, but without a container runtime.
class ImageIT {
  @TempDir static Path directory;

  private static String base;

  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeAll
  static void makeBase() throws Exception {
    base = JavaBase.in(directory);
  }

  private static String make(Path file) throws Exception {
    return OperatorImage.makeTar(base, file, Application.SHIPPED).getDigest().toString();
  }

  @Test
  void isReproducibleAndRunsWithItsOwnSettings() throws Exception {
    var first = directory.resolve("first.tar");
    assertThat(make(first)).isEqualTo(make(directory.resolve("second.tar")));

    var image = UnpackedImage.of(first, directory.resolve("unpacked"));
    assertThat(image.manifest().at("/RepoTags/0").asText())
        .isEqualTo("cgroup-policy-operator:" + Project.version());
    var platform = image.configuration();
    assertThat(platform.path("os").asText() + "/" + platform.path("architecture").asText())
        .isEqualTo(OperatorImage.here());
    var config = image.config();
    // The kubelet requires a number for runAsNonRoot.
    assertThat(config.path("User").asText()).matches("[1-9][0-9]+");
    assertThat(config.at("/Labels/org.opencontainers.image.version").asText())
        .isEqualTo(Project.version());
    assertThat(config.path("ExposedPorts").toString()).contains("8080/tcp", "8443/tcp");
    try (var files = Files.list(image.root().resolve("app"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("app", "lib", "quarkus", "quarkus-run.jar", "jvm.options");
    }

    try (var operator = image.start(LocalCluster.get().operatorKubeconfig(), Map.of())) {
      protects(operator, fixture);
      assertThat(operator.get("/q/health/ready")).startsWith("200");
    }
  }

  /// Checks that the operator leads and enforces a policy.
  static void protects(OperatorProcess operator, Fixture fixture) {
    eventually(() -> assertThat(operator.leads()).as(operator.log()).isTrue());
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced"));
    assertThat(fixture.memory(namespace)).isEqualTo("256Mi");
  }

  /// All platforms share the layers, so they must not contain a native library of the build
  /// machine.
  @Test
  void nothingInItDependsOnThePlatform() throws IOException {
    try (var files = Files.walk(OperatorModule.PACKAGED)) {
      var jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
      assertThat(jars).hasSizeGreaterThan(50);
      for (var jar : jars) {
        try (var opened = new ZipFile(jar.toFile())) {
          assertThat(opened.stream().map(ZipEntry::getName))
              .as(jar.toString())
              .noneMatch(name -> name.matches(".*\\.(so|dylib|jnilib|dll)"));
        }
      }
    }
  }
}
