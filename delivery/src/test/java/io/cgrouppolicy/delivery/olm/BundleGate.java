package io.cgrouppolicy.delivery.olm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.CrdFile;
import io.cgrouppolicy.delivery.Project;
import io.cgrouppolicy.shell.kubelet.KubeletToken;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// operator-sdk validates the bundle. All known warnings can be avoided, so none is allowed.
/// Excludes the validators `operatorhub`, which only reports its deprecation, and `multiarch`,
/// which pulls the image.
class BundleGate {
  private static final String CSV = "manifests/cgroup-policy-operator.clusterserviceversion.yaml";

  private final Tool sdk = Tool.named("operator-sdk");
  private final Tool scorecard = Tool.named("scorecard");

  @TempDir Path copy;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "suite=operatorframework",
        "name=good-practices",
        "name=alpha-deprecated-apis",
        "name=community"
      })
  void itIsValid(String validators) throws IOException {
    assertThat(findings(OlmBundle.DIRECTORY, validators)).isEmpty();
  }

  @Test
  void anInvalidBundleIsRejected() throws IOException {
    write(copy, csv -> csv.replace("capabilities: Basic Install", "capabilities: Basic"));

    assertThat(findings(copy, "suite=operatorframework"))
        .anyMatch(finding -> finding.startsWith("error") && finding.contains("capabilities"));
  }

  @Test
  void soIsAnAvoidableWarning() throws IOException {
    write(copy, csv -> csv.replaceFirst("requests:", "claims: []\n                      unknown:"));

    assertThat(findings(copy, "name=good-practices"))
        .anyMatch(finding -> finding.contains("resource requests"));
  }

  /// Checks states, because it always exits with 0. It suggests a status in the examples, which
  /// users cannot set.
  @Test
  void itPassesTheScorecard() throws IOException {
    var states = new TreeMap<String, String>();
    for (var result : results(OlmBundle.DIRECTORY)) {
      states.put(result.get("name").asText(), result.get("state").asText());
      assertThat(result.path("errors")).isEmpty();
      for (var suggestion : result.path("suggestions")) {
        assertThat(suggestion.asText()).contains("does not have status spec");
      }
    }
    assertThat(states)
        .isEqualTo(
            Map.of(
                "basic-check-spec", "pass",
                "olm-bundle-validation", "pass",
                "olm-crds-have-validation", "pass",
                "olm-crds-have-resources", "pass",
                "olm-spec-descriptors", "pass",
                "olm-status-descriptors", "pass"));
  }

  @Test
  void theScorecardCanFail() throws IOException {
    write(copy, csv -> csv.replace("- path: mode\n", "- path: fashion\n"));

    assertThat(results(copy))
        .anySatisfy(
            result -> {
              assertThat(result.get("name").asText()).isEqualTo("olm-spec-descriptors");
              assertThat(result.get("state").asText()).isEqualTo("fail");
              assertThat(result.at("/errors/0").asText()).contains("mode");
            });
  }

  /// Its generator produces the same from the same kustomization: docs/adr/0012.
  @Test
  void theSdkWouldInstallTheSame() throws IOException {
    var input = Files.createDirectory(copy.resolve("input"));
    Files.writeString(
        input.resolve("operator.yaml"),
        new Kubectl(Path.of("/dev/null")).succeed("kustomize", "config/olm"));
    Files.copy(CrdFile.FILE, input.resolve("crd.yaml"));
    sdk.succeed(
        "generate",
        "bundle",
        "--manifests",
        "--package=cgroup-policy-operator",
        "--version=" + Project.version(),
        "--extra-service-accounts=" + KubeletToken.ACCOUNT,
        "--input-dir=" + input,
        "--output-dir=" + copy);

    var theirs = BundleFiles.read(copy);
    var ours = BundleFiles.read(OlmBundle.DIRECTORY);
    ((ObjectNode) theirs.strategy().at("/deployments/0/spec")).remove("strategy"); // it is empty
    assertThat(theirs.strategy()).isEqualTo(ours.strategy());
    assertThat(fileNames(theirs)).isEqualTo(fileNames(ours));
  }

  private static List<String> fileNames(BundleFiles bundle) {
    return bundle.manifests().stream()
        .map(manifest -> manifest.file().getFileName().toString())
        .toList();
  }

  /// Errors and warnings, as `TYPE: MESSAGE`.
  private List<String> findings(Path bundle, String validators) throws IOException {
    var answer =
        sdk.run(
            "bundle",
            "validate",
            bundle.toString(),
            "--select-optional",
            validators,
            "-o",
            "json-alpha1");
    // Its log, which is not JSON, may precede the output.
    var report = answer.output().substring(answer.output().indexOf("{\n"));
    var findings = new ArrayList<String>();
    var json = new ObjectMapper().readTree(report);
    json.get("outputs")
        .forEach(
            finding ->
                findings.add(
                    finding.get("type").asText() + ": " + finding.get("message").asText()));
    assertThat(json.get("passed").asBoolean()).isEqualTo(answer.status() == 0);
    return findings;
  }

  private JsonNode results(Path bundle) throws IOException {
    return new ObjectMapper().readTree(scorecard.succeed(bundle.toString()));
  }

  /// The bundle with another CSV.
  private static void write(Path directory, UnaryOperator<String> change) throws IOException {
    new OlmBundle(BundleRelease.committed(), directory).write();
    var file = directory.resolve(CSV);
    var before = Files.readString(file);
    var after = change.apply(before);
    assertThat(after).isNotEqualTo(before);
    Files.writeString(file, after);
  }
}
