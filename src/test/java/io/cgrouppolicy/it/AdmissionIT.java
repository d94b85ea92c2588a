package io.cgrouppolicy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.testing.LocalCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the CRD's schema lets through and what it refuses, by the real API server: every file of
/// `policies/`. An invalid one names in its first line a part of the message that it must get.
class AdmissionIT {
  private static final Path POLICIES = Path.of("src/test/resources/policies");
  private static final String PATH =
      "/apis/cgroup-policy.io/v1alpha1/cgrouppolicies?dryRun=All&fieldValidation=Strict";
  private static final String EXPECT = "# expect: ";

  private final KubernetesClient client = LocalCluster.get().admin();

  static Stream<Path> valid() throws IOException {
    return files("valid-");
  }

  static Stream<Path> invalid() throws IOException {
    return files("invalid-");
  }

  private static Stream<Path> files(String prefix) throws IOException {
    try (var files = Files.list(POLICIES)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("valid")
  void accepts(Path file) throws IOException {
    assertThat(create(Files.readString(file))).contains("CgroupPolicy");
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void refuses(Path file) throws IOException {
    var text = Files.readString(file);
    var expected = text.lines().findFirst().orElseThrow();
    assertThat(expected).startsWith(EXPECT);
    assertThatThrownBy(() -> create(text))
        .hasMessageContaining(expected.substring(EXPECT.length()));
  }

  private String create(String yaml) {
    // Not as our own type, which would drop unknown fields before the server sees them.
    return client.raw(PATH, "POST", Serialization.unmarshal(yaml, Map.class));
  }
}
