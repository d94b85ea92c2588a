package io.cgrouppolicy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.testing.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the CRD's schema lets through and what it refuses, by the real API server: every file of
/// `policies/`. An invalid one names in its first line a part of the message that it must get.
class AdmissionIT {
  private static final Path POLICIES = Path.of("src/test/resources/policies");
  private static final String EXPECT = "# expect: ";

  private static final LocalCluster CLUSTER = LocalCluster.get();

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
    assertThat(CLUSTER.dryRun(Files.readString(file))).contains("CgroupPolicy");
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void refuses(Path file) throws IOException {
    var text = Files.readString(file);
    var expected = text.lines().findFirst().orElseThrow();
    assertThat(expected).startsWith(EXPECT);
    assertThatThrownBy(() -> CLUSTER.dryRun(text))
        .hasMessageContaining(expected.substring(EXPECT.length()));
  }
}
