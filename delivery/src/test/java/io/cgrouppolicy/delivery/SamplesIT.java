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
  void argoCdAsksBeforeItDeletesOne(Sample sample) {
    assertThat(sample.policy().getMetadata().getAnnotations())
        .containsEntry("argocd.argoproj.io/sync-options", "Prune=confirm,Delete=confirm");
  }

  @Test
  void theirNamesDoNotClashAndTheKustomizationKnowsAllFiles() throws IOException {
    assertThat(samples()).extracting(Sample::name).doesNotHaveDuplicates();
    var kustomization = Files.readString(Path.of("config/samples/kustomization.yaml"));
    assertThat(samples()).allSatisfy(s -> assertThat(kustomization).contains("- " + s.file()));
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
