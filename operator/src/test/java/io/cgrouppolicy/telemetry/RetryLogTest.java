package io.cgrouppolicy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.jboss.logging.Logger.Level;
import org.junit.jupiter.api.Test;

class RetryLogTest {
  @Test
  void warnsAtGrowingIntervals() {
    assertThat(IntStream.rangeClosed(1, 100).filter(n -> RetryLog.level(n) == Level.WARN))
        .containsExactly(1, 2, 4, 8, 16, 32, 64);
  }
}
