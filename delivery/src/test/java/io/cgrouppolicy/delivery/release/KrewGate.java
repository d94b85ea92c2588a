package io.cgrouppolicy.delivery.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.release.CliArchives.Platform;
import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The archive that `make cli` made for this platform, installed by krew and run by kubectl. All
/// traffic is on loopback.
class KrewGate {
  /// The JVM fails if it cannot use the cache of classes.
  private static final Map<String, String> NEEDS_CACHE =
      Map.of("JAVA_TOOL_OPTIONS", "-XX:AOTMode=on");

  @TempDir static Path work;

  private static Path archive;
  private static Path programs;
  private static Path release;
  private static HttpServer server;

  @BeforeAll
  static void install() throws Exception {
    archive = Path.of("target/cli", here().archive()).toAbsolutePath();
    assertThat(archive).as("make cli").exists();
    programs = Files.createDirectory(work.resolve("programs"));
    var kubectl = Command.succeed("hack/local-cluster/cluster.sh", "kubectl-path").strip();
    Files.createSymbolicLink(programs.resolve("kubectl"), Path.of(kubectl));
    Files.createSymbolicLink(programs.resolve("kubectl-krew"), Tool.named("krew").program());

    // Stands in for the archives of other platforms, which only machines of these can make.
    var made = Files.createDirectory(work.resolve("cli"));
    for (var platform : CliArchives.PLATFORMS) {
      Files.createSymbolicLink(made.resolve(platform.archive()), archive);
    }
    release = Files.createDirectory(work.resolve("release"));
    CliArchives.in(made).write(release);
    server =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            release.toAbsolutePath(),
            SimpleFileServer.OutputLevel.NONE);
    server.start();

    install(archive, work.resolve("krew")).success();
    // The command by which the manifest tells users to install the completion.
    var link = caveats().lines().filter(line -> line.contains("ln -s")).findFirst().orElseThrow();
    run(Map.of(), "sh", "-c", link).success();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  private static Platform here() {
    var os = System.getProperty("os.name").equals("Linux") ? "linux" : "darwin";
    return new Platform(os, System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");
  }

  private static Path manifest() {
    return release.resolve(KrewManifest.FILE);
  }

  private static String caveats() throws IOException {
    return Yaml.read(manifest()).at("/spec/caveats").asText();
  }

  /// With a file in place of the download.
  private static Command.Answer install(Path archive, Path root) {
    return run(
        Map.of("KREW_ROOT", root.toString()),
        "kubectl",
        "krew",
        "install",
        "--manifest=" + manifest(),
        "--archive=" + archive);
  }

  /// With the programs of krew in the PATH, and no kubeconfig.
  private static Command.Answer run(Map<String, String> more, String... command) {
    var krew = work.resolve("krew");
    var path = krew.resolve("bin") + ":" + programs + ":" + System.getenv("PATH");
    // The Java process would look for the program in its own PATH.
    var builder = new ProcessBuilder("env", "PATH=" + path).redirectErrorStream(true);
    builder.command().addAll(List.of(command));
    var environment = builder.environment();
    environment.clear();
    environment.put("HOME", work.toString());
    environment.put("KREW_ROOT", krew.toString());
    environment.put("KUBECTL_KUBERC", "false");
    environment.putAll(more);
    return Command.run(builder);
  }

  /// krew's own check, which also downloads and installs the archive of each platform.
  @Test
  void theManifestIsValidForEachPlatform() throws IOException {
    var address = server.getAddress();
    var loopback = "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
    var local = Files.createDirectory(work.resolve("local")).resolve(KrewManifest.FILE);
    var text = Files.readString(manifest());
    assertThat(text).contains("uri: " + KrewManifest.address() + "/");
    Files.writeString(local, text.replace(KrewManifest.address(), loopback));
    var validate = Tool.named("validate-krew-manifest").program().toString();
    assertThat(run(Map.of(), validate, "-manifest=" + local).success())
        .contains("all 4 spec.platforms installed fine");
  }

  @Test
  void anArchiveWithAnotherChecksumIsRejected() throws IOException {
    var other = Files.writeString(work.resolve("other.tar.gz"), "other");
    var answer = install(other, work.resolve("rejected"));
    assertThat(answer.status()).isNotZero();
    assertThat(answer.output()).contains("checksum");
  }

  /// With the cache, although krew does not keep the times of files.
  @Test
  void kubectlFindsIt() throws IOException {
    assertThat(run(NEEDS_CACHE, "kubectl", "cgp", "--version").success())
        .contains("kubectl-cgp " + Project.version());
  }

  @Test
  void lints() throws IOException {
    var manifest =
        Files.writeString(
            work.resolve("deployment.yaml"),
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: shop}
            spec: {template: {spec: {containers: [{name: app}]}}}
            """);
    var lint = run(Map.of(), "kubectl", "cgp", "lint", manifest.toString());
    assertThat(lint.status()).as(lint.output()).isEqualTo(1);
    assertThat(lint.output()).contains("shop/web");
  }

  @Test
  void kubectlCompletesIt() {
    assertThat(run(Map.of(), "kubectl", "__complete", "cgp", "").success().lines())
        .anyMatch(line -> line.startsWith("audit\t"))
        .anyMatch(line -> line.startsWith("lint\t"));
    var formats = run(Map.of(), "kubectl", "__complete", "cgp", "lint", "--output", "ju");
    assertThat(formats.success().lines()).contains("junit");
  }

  /// So that two archives of the same files are equal, and krew, which accepts no links, unpacks
  /// them.
  @Test
  void theArchiveHasNothingOfTheMachine() throws IOException {
    var entries = new ArrayList<TarArchiveEntry>();
    try (var tar = new TarArchiveInputStream(new GZIPInputStream(Files.newInputStream(archive)))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        entries.add(entry);
      }
    }
    assertThat(entries)
        .allSatisfy(
            entry -> {
              assertThat(entry.isFile() && !entry.isLink() && !entry.isSymbolicLink()).isTrue();
              assertThat(entry.getLongUserId() + entry.getLongGroupId()).isZero();
              assertThat(entry.getUserName() + entry.getGroupName()).isEmpty();
              assertThat(entry.getMode() & 0777).isIn(0644, 0755);
              assertThat(entry.getModTime().toInstant())
                  .isEqualTo(Instant.parse("2000-01-01T00:00:00Z"));
            });
    var names = entries.stream().map(TarArchiveEntry::getName).toList();
    assertThat(names)
        .isSorted()
        .contains(
            "kubectl-cgp/LICENSE",
            "kubectl-cgp/completion/kubectl-cgp.sh",
            "kubectl-cgp/kubectl-cgp",
            "kubectl-cgp/kubectl_complete-cgp");
  }
}
