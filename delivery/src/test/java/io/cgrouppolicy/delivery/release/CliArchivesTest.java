package io.cgrouppolicy.delivery.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.release.CliArchives.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which archives of the command line get into a release, and their manifest.
class CliArchivesTest {
  private static final Platform LINUX = new Platform("linux", "arm64");
  private static final Platform MAC = new Platform("darwin", "arm64");

  @TempDir Path directory;

  private void make(String name) throws IOException {
    Files.writeString(directory.resolve(name), name);
  }

  @Test
  void aPlatformWithoutAnArchiveIsMissing() throws IOException {
    make(LINUX.archive());
    make(MAC.archive());
    var archives = CliArchives.in(directory);
    assertThat(archives.files()).containsOnlyKeys(LINUX, MAC);
    assertThat(archives.missing())
        .extracting(Platform::toString)
        .containsExactly("linux/amd64", "darwin/amd64");
  }

  @Test
  void anArchiveOfAnotherVersionDoesNotCount() throws IOException {
    make(LINUX.archive().replace(Project.version(), "0.0.1"));
    assertThatThrownBy(() -> CliArchives.in(directory))
        .hasMessageContaining("CLI=" + directory + " has no archive");
  }

  @Test
  void theManifestNamesEachArchive() throws IOException {
    make(LINUX.archive());
    make(MAC.archive());
    var release = Files.createDirectory(directory.resolve("release"));
    CliArchives.in(directory).write(release);
    assertThat(release.resolve(MAC.archive())).hasContent(MAC.archive());
    var spec = Yaml.read(release.resolve("cgp.yaml")).path("spec");
    assertThat(spec.path("version").asText()).isEqualTo("v" + Project.version());
    assertThat(spec.path("platforms")).hasSize(2);
    var linux = spec.at("/platforms/0");
    assertThat(linux.at("/selector/matchLabels")).isEqualTo(Yaml.parse("{os: linux, arch: arm64}"));
    assertThat(linux.path("uri").asText())
        .startsWith(Project.url() + "/releases/download/v" + Project.version() + "/")
        .endsWith("/" + LINUX.archive());
    assertThat(linux.path("sha256").asText())
        .isEqualTo(Release.sha256(release.resolve(LINUX.archive())));
  }

  /// krew prints them as they are.
  @Test
  void theTextsFitATerminal() throws IOException {
    make(LINUX.archive());
    var release = Files.createDirectory(directory.resolve("release"));
    CliArchives.in(directory).write(release);
    var spec = Yaml.read(release.resolve("cgp.yaml")).path("spec");
    assertThat(spec.path("shortDescription").asText()).hasSizeLessThanOrEqualTo(50);
    for (var text : new String[] {"description", "caveats"}) {
      assertThat(spec.path(text).asText().lines())
          .isNotEmpty()
          .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }
  }
}
