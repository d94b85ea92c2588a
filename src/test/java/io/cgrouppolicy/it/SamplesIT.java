package io.cgrouppolicy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.policy.PolicyValidator;
import io.cgrouppolicy.testing.LocalCluster;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The samples, and the one in the README, are accepted by the API server and by the operator.
class SamplesIT {
  static Stream<Path> samples() throws IOException {
    try (var files = Files.list(Path.of("config/samples"))) {
      return files.toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void isAccepted(Path sample) throws IOException {
    accepted(Files.readString(sample));
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
    var policy = Serialization.unmarshal(yaml, CgroupPolicy.class);
    assertThat(PolicyValidator.validate(policy.getSpec())).isEmpty();
    assertThat(LocalCluster.get().dryRun(yaml)).contains("CgroupPolicy");
  }
}
