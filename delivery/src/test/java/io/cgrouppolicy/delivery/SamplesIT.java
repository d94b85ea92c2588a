package io.cgrouppolicy.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Mode;
import io.cgrouppolicy.core.kubelet.lint.KubeletLinter;
import io.cgrouppolicy.core.policy.PolicyValidator;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.LocalCluster;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The API server and the operator accept the samples and the policy in the README.
class SamplesIT {
  static List<Sample> samples() throws IOException {
    return Sample.all();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void isAccepted(Sample sample) {
    accepted(sample.yaml());
  }

  @ParameterizedTest
  @MethodSource("samples")
  void argoCdAsksBeforeItDeletesAPolicy(Sample sample) {
    assertThat(sample.policy().getMetadata().getAnnotations())
        .containsEntry("argocd.argoproj.io/sync-options", "Prune=confirm,Delete=confirm");
  }

  /// So that a step updates it in place: no gap, no two policies in conflict, nothing to delete.
  @Test
  void theStepsAreOnePolicyAndNoOtherNamesClash() throws IOException {
    var steps = List.of("audit.yaml", "guard.yaml", "strict.yaml");
    assertThat(samples())
        .filteredOn(sample -> steps.contains(sample.file()))
        .hasSameSizeAs(steps)
        .extracting(Sample::name)
        .containsOnly("guard");
    assertThat(samples())
        .filteredOn(sample -> !steps.contains(sample.file()))
        .extracting(Sample::name)
        .doesNotHaveDuplicates()
        .doesNotContain("guard");
  }

  /// The preview of audit.yaml is of what guard.yaml enforces.
  @Test
  void auditAndGuardDifferInModeAndRolloutOnly() throws IOException {
    var audit = Yaml.parse(Sample.of("audit.yaml").yaml()).withObject("/spec");
    var guard = Yaml.parse(Sample.of("guard.yaml").yaml()).withObject("/spec");
    assertThat(audit.remove("mode").asText()).isEqualTo("Audit");
    assertThat(guard.remove(List.of("mode", "rollout"))).isNotNull();
    assertThat(guard).isEqualTo(audit);
  }

  /// What for, what it changes, what next.
  @ParameterizedTest
  @MethodSource("files")
  void beginsWithItsPurpose(String file) throws IOException {
    assertThat(Files.readAllLines(Sample.DIRECTORY.resolve(file)).stream().limit(3))
        .allMatch(line -> line.startsWith("# "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kustomization.yaml", "README.md"})
  void allFilesAreListedIn(String list) throws IOException {
    var text = Files.readString(Sample.DIRECTORY.resolve(list));
    assertThat(files()).allSatisfy(file -> assertThat(text).contains(file));
  }

  static List<String> files() throws IOException {
    return samples().stream().map(Sample::file).distinct().toList();
  }

  @Test
  void theKustomizationOnlyReports() {
    var policies = Yaml.documents(Kubectl.run("kustomize", "config/samples"));
    assertThat(policies)
        .hasSizeGreaterThan(1)
        .extracting(yaml -> Serialization.unmarshal(yaml, CgroupPolicy.class).getSpec().mode())
        .containsOnly(Mode.Audit);
  }

  @Test
  void theReadmesPolicyIsAccepted() throws IOException {
    var yaml =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")));
    assertThat(yaml.find()).isTrue();
    accepted(yaml.group(1));
  }

  private static void accepted(String yaml) {
    var spec = Serialization.unmarshal(yaml, CgroupPolicy.class).getSpec();
    assertThat(PolicyValidator.validate(spec)).isEmpty();
    if (spec.nodes() != null) {
      assertThat(KubeletLinter.lint(spec.nodes().kubelet(), Optional.empty())).isEmpty();
    }
    assertThat(LocalCluster.get().dryRun(yaml)).contains("CgroupPolicy");
  }
}
