package io.cgrouppolicy.delivery.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.RegistryImage;
import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.image.BundleImage;
import io.cgrouppolicy.delivery.image.LoopbackRegistry;
import io.cgrouppolicy.delivery.image.OperatorImage;
import io.cgrouppolicy.delivery.olm.BundleFiles;
import io.cgrouppolicy.delivery.olm.BundleRelease;
import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.Tool;
import io.cgrouppolicy.testing.WorkDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A release as far as it goes without GitHub and Sigstore: what `make release` makes of an image,
/// installed and validated, and pushed to a registry on loopback as the workflow pushes it.
class ReleaseGate {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NAMESPACE = "cgroup-policy-system";
  private static final String CHART = "cgroup-policy-operator-%s.tgz";

  @TempDir static Path work;

  @AutoClose private static LoopbackRegistry registry;
  private static ReleaseImage image;
  private static Path release;

  private final Tool helm = Tool.named("helm");
  private final Tool crane = Tool.named("crane");

  @BeforeAll
  static void release() throws Exception {
    registry = new LoopbackRegistry();
    image =
        ReleaseImage.of(
            registry.host() + "/team/cgroup-policy-operator:1@sha256:" + "0123abcd".repeat(8));
    release = write("release", Optional.empty());
  }

  private static Path write(String name, Optional<CliArchives> cli) throws IOException {
    var directory = work.resolve(name).resolve("files");
    var bundle = BundleRelease.of(Map.of()).withImage(image.reference());
    new Release(image, bundle, cli).write(directory);
    return directory;
  }

  private static Path chart() throws IOException {
    return release.resolve(CHART.formatted(Project.version()));
  }

  private static Map<String, String> digests(Path directory) {
    var digests = new TreeMap<String, String>();
    Command.succeed("sh", "-c", "cd \"$0\" && sha256sum *", directory.toString())
        .lines()
        .forEach(line -> digests.put(line.substring(66), line.substring(0, 64)));
    return digests;
  }

  @Test
  void twoRunsGiveTheSameBytes() throws IOException {
    var again = write("again", Optional.empty());
    assertThat(digests(again)).isEqualTo(digests(release)).hasSize(6);
    assertThat(again.resolveSibling("provenance.intoto.json"))
        .hasSameTextualContentAs(release.resolveSibling("provenance.intoto.json"));
  }

  @Test
  void theChecksumsAreOfAllFilesAndVerify() throws IOException {
    var check = new ProcessBuilder("sha256sum", "--check", "--strict", "SHA256SUMS");
    Command.run(check.directory(release.toFile())).success();
    var sums = Files.readString(release.resolve("SHA256SUMS"));
    for (var file : digests(release).keySet()) {
      assertThat(file.equals("SHA256SUMS") || sums.contains("  " + file + "\n")).as(file).isTrue();
    }
  }

  /// `KrewGate` installs it.
  @Test
  void theCommandLineIsInItOnRequest() throws IOException {
    var made = Files.createDirectory(work.resolve("cli"));
    var archive = CliArchives.PLATFORMS.getFirst().archive();
    Files.writeString(made.resolve(archive), "an archive");
    var with = write("with-cli", Optional.of(CliArchives.in(made)));
    var files = digests(with);
    assertThat(files).hasSize(8).containsKeys(archive, "cgp.yaml");
    assertThat(Files.readString(with.resolve("SHA256SUMS")))
        .contains(files.get(archive) + "  " + archive, files.get("cgp.yaml") + "  cgp.yaml");
    assertThat(with.resolve("cgp.yaml")).content().contains(files.get(archive));
  }

  @Test
  void theProvenanceIsOfTheFilesAndTheImage() throws IOException {
    var statement = JSON.readTree(release.resolveSibling("provenance.intoto.json").toFile());
    var subjects = new TreeMap<String, String>();
    for (var subject : statement.path("subject")) {
      subjects.put(subject.path("name").asText(), subject.at("/digest/sha256").asText());
    }
    var published = digests(release);
    published.remove("SHA256SUMS");
    published.put(image.name(), image.digest().substring("sha256:".length()));
    assertThat(subjects).isEqualTo(published);
    assertThat(statement.path("predicateType").asText()).endsWith("/provenance/v1");
    assertThat(statement.at("/predicate/buildDefinition/resolvedDependencies/0/uri").asText())
        .isEqualTo("git+" + Project.url());
  }

  /// As an administrator would, one after the other.
  @Test
  void chartAndManifestsInstallTheImageByItsDigest() throws Exception {
    try (var cluster = new ControlPlane(WorkDirectory.resolve("release"))) {
      var kubectl = new Kubectl(cluster.kubeconfig());
      var at = "--kubeconfig=" + cluster.kubeconfig();
      var installed =
          helm.succeed(
              "install",
              "cgroup-policy-operator",
              chart().toString(),
              "--namespace=" + NAMESPACE,
              "--create-namespace",
              at);
      assertThat(installed).contains("audit.yaml").doesNotContain("image.registry");
      runs(kubectl);
      helm.succeed("uninstall", "cgroup-policy-operator", "--namespace=" + NAMESPACE, at);
      assertThat(kubectl.answer("get", "deployments", "-n", NAMESPACE, "-o", "name").output())
          .doesNotContain("cgroup-policy-operator");
      kubectl.succeed(
          "apply",
          "--server-side",
          "--force-conflicts",
          "--validate=strict",
          "-f",
          release.resolve("install.yaml").toString());
      runs(kubectl);
    }
  }

  private static void runs(Kubectl kubectl) {
    var path = "jsonpath={.spec.template.spec.containers[*].image}";
    assertThat(
            kubectl.succeed(
                "get", "deployment", "cgroup-policy-operator", "-n", NAMESPACE, "-o", path))
        .isEqualTo(image.reference());
  }

  @Test
  void theBundleIsValidAndNamesTheImage() throws Exception {
    var bundle = unpacked("olm-bundle");
    assertThat(
            Tool.named("operator-sdk")
                .succeed(
                    "bundle",
                    "validate",
                    bundle.toString(),
                    "--select-optional",
                    "suite=operatorframework"))
        .doesNotContain("level=warning");
    var csv = BundleFiles.read(bundle).csv();
    assertThat(csv.at("/spec/relatedImages/0/image").asText()).isEqualTo(image.reference());
    assertThat(csv.at("/metadata/annotations/containerImage").asText())
        .isEqualTo(image.reference());
  }

  /// The samples that the notes of the chart name.
  @Test
  void theSamplesAreInIt() throws Exception {
    assertThat(unpacked("samples")).isDirectoryContaining("glob:**/audit.yaml");
  }

  private static Path unpacked(String name) throws Exception {
    var archive = release.resolve(name + "-" + Project.version() + ".tgz");
    var directory = Files.createTempDirectory(work, name);
    Command.succeed("tar", "-xzf", archive.toString(), "-C", directory.toString());
    return directory.resolve(name);
  }

  @Test
  void theChartSaysWhatArtifactHubShows() throws Exception {
    var annotations = Yaml.parse(helm.succeed("show", "chart", chart().toString()));
    for (var name : List.of("images", "crds", "crdsExamples", "links")) {
      var list = annotations.at("/annotations").path("artifacthub.io/" + name).asText();
      assertThat(JSON.readTree(list)).as(name).hasSize(1);
    }
    assertThat(helm.succeed("show", "readme", chart().toString())).contains(image.digest());
  }

  /// The same package gives the same manifest, so that a signature holds for both.
  @Test
  void theChartIsPushedAndPulled() throws Exception {
    var repository = "oci://" + registry.host() + "/charts";
    var pushed = helm.succeed("push", chart().toString(), repository, "--plain-http");
    assertThat(pushed).containsPattern("(?m)^Digest: sha256:[0-9a-f]{64}$");
    assertThat(helm.succeed("push", chart().toString(), repository, "--plain-http"))
        .isEqualTo(pushed);
    assertThat(
            helm.succeed(
                "template",
                "cgroup-policy-operator",
                repository + "/cgroup-policy-operator",
                "--version=" + Project.version(),
                "--plain-http"))
        .contains("image: " + image.reference());
  }

  /// With the files and the labels that bundle.Dockerfile asks for.
  @Test
  void theBundleIsPushed() throws Exception {
    var bundle = unpacked("olm-bundle");
    var name = registry.host() + "/team/cgroup-policy-operator-bundle:1";
    var target = Containerizer.to(RegistryImage.named(name)).setAllowInsecureRegistries(true);
    var pushed = BundleImage.make(bundle, target);
    assertThat(crane.succeed("digest", name).strip()).isEqualTo(pushed.getDigest().toString());

    var labels = JSON.readTree(crane.succeed("config", name)).at("/config/Labels");
    assertThat(labels)
        .isEqualTo(Yaml.read(bundle.resolve("metadata/annotations.yaml")).get("annotations"));
    var tar = work.resolve("bundle.tar").toString();
    crane.succeed("export", name, tar);
    var exported = Files.createDirectory(work.resolve("exported"));
    Command.succeed("tar", "-xf", tar, "-C", exported.toString());
    Files.delete(bundle.resolve("bundle.Dockerfile"));
    Command.succeed("diff", "-r", bundle.toString(), exported.toString());
  }

  @Test
  void anImageMustHaveADigest() {
    assertThatThrownBy(() -> ReleaseImage.of("registry/operator:1"))
        .hasMessageContaining("IMAGE=registry/operator:1 has no digest");
  }

  /// `make image IMAGE=tar:PATH` writes the reference beside the file.
  @Test
  void anImageInAFileIsADryRun() throws IOException {
    var tar = "tar:" + work.resolve("image.tar");
    var reference = "cgroup-policy-operator:0.1.0@" + image.digest();
    Files.writeString(OperatorImage.reference(tar), reference + "\n");
    assertThat(ReleaseImage.of(tar).reference())
        .isEqualTo("cgroup-policy-operator@" + image.digest());
  }
}
