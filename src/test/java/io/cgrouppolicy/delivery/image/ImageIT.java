package io.cgrouppolicy.delivery.image;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The image as a file, on a base that is made here of the JDK of the tests, as none can be pulled
/// everywhere. Its files are started with its entry point, as its user where the test may choose
/// one; not in a container.
class ImageIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JAVA = "/opt/java";

  @TempDir static Path directory;

  private static Path base;

  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeAll
  static void makeBase() throws Exception {
    // Another user reads it.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    base = directory.resolve("base.tar");
    var home = Path.of(System.getProperty("java.home"));
    var layer = FileEntriesLayer.builder().setName("java");
    try (var files = Files.walk(home)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var relative = home.relativize(file).toString();
        if (relative.matches("(bin/java|conf/.*|release|lib/(?!src.zip|ct.sym).*)")) {
          layer.addEntry(
              file,
              AbsoluteUnixPath.get(JAVA).resolve(relative),
              FilePermissions.fromOctalString(Files.isExecutable(file) ? "755" : "644"));
        }
      }
    }
    Jib.fromScratch()
        .addFileEntriesLayer(layer.build())
        .addEnvironmentVariable("PATH", JAVA + "/bin")
        .containerize(OperatorImage.toTar(base));
  }

  private static String make(Path file) throws Exception {
    return OperatorImage.make(
            Jib.from("tar://" + base),
            OperatorImage.platforms("linux/amd64"),
            OperatorImage.toTar(file))
        .getDigest()
        .toString();
  }

  private static void unpack(Path tar, Path into) throws Exception {
    Files.createDirectories(into);
    var answer = Command.run("tar", "-xf", tar.toString(), "-C", into.toString());
    assertThat(answer.status()).as(answer.output()).isZero();
  }

  private static JsonNode json(Path file) throws IOException {
    return JSON.readTree(file.toFile());
  }

  @Test
  void isTheSameTwiceAndRunsAsItSays() throws Exception {
    var first = directory.resolve("first.tar");
    assertThat(make(first)).isEqualTo(make(directory.resolve("second.tar")));

    var image = directory.resolve("image");
    unpack(first, image);
    var manifest = json(image.resolve("manifest.json")).get(0);
    assertThat(manifest.at("/RepoTags/0").asText())
        .isEqualTo("cgroup-policy-operator:" + Project.version());
    var configuration = json(image.resolve(manifest.path("Config").asText()));
    assertThat(configuration.path("architecture").asText()).isEqualTo("amd64");
    assertThat(configuration.path("os").asText()).isEqualTo("linux");
    var config = configuration.path("config");
    // Else the kubelet refuses it: runAsNonRoot asks for a number.
    assertThat(config.path("User").asText()).matches("[1-9][0-9]+");
    assertThat(config.at("/Labels/org.opencontainers.image.version").asText())
        .isEqualTo(Project.version());
    assertThat(config.path("ExposedPorts").toString()).contains("8080/tcp", "8443/tcp");

    var root = directory.resolve("root");
    for (var layer : manifest.path("Layers")) {
      unpack(image.resolve(layer.asText()), root);
    }
    run(root, config);
  }

  /// One layer for all platforms: a native library would be that of the machine that built it.
  @Test
  void nothingInItIsForOnePlatform() throws IOException {
    try (var files = Files.walk(Path.of("target/quarkus-app"))) {
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

  private void run(Path root, JsonNode config) throws Exception {
    var command = new ArrayList<String>();
    if ("root".equals(System.getProperty("user.name"))) {
      var user = config.path("User").asText();
      command.addAll(List.of("setpriv", "--reuid", user, "--regid", user, "--clear-groups"));
    }
    for (var word : config.path("Entrypoint")) {
      // Its paths, below the directory that stands for its root.
      command.add(word.asText().replaceFirst("^(@?)/", "$1" + root + "/"));
    }
    int java = command.indexOf("java");
    command.set(java, root + JAVA + "/bin/java");
    var kubeconfig = directory.resolve("kubeconfig");
    Files.copy(LocalCluster.get().operatorKubeconfig(), kubeconfig);
    Files.setPosixFilePermissions(kubeconfig, PosixFilePermissions.fromString("rw-r--r--"));
    try (var operator = new OperatorProcess(command, Map.of("KUBECONFIG", kubeconfig.toString()))) {
      eventually(() -> assertThat(operator.leads()).isTrue());
      var namespace = fixture.namespace("a");
      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced"));
      assertThat(fixture.memory(namespace)).isEqualTo("256Mi");
      assertThat(operator.get("/q/health/ready")).startsWith("200");
    }
  }
}
