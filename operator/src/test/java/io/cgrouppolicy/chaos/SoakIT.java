package io.cgrouppolicy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// The short form of `make soak`.
@EmbeddedCluster("starts a control plane")
class SoakIT {
  @Test
  void nothingGrowsUnderASteadyLoad() throws Exception {
    var size = Population.Size.SHORT;
    assertThat(Soak.run(size, Duration.ofSeconds(16), Duration.ofMillis(800), 1, false))
        .as("the table in the test's output is flat")
        .isTrue();
  }
}
