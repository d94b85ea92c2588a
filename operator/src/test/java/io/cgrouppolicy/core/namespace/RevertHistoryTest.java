package io.cgrouppolicy.core.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RevertHistoryTest {
  private RevertHistory history = RevertHistory.NONE;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /// Reverts if that is allowed at this time. Returns how long the revert must wait.
  private Duration revert(Instant at) {
    var delay = history.delay(at);
    if (delay.isZero()) {
      history = history.reverted(at);
    }
    return delay;
  }

  @Test
  void revertsAtOnceAFewTimesAMinute() {
    for (int i = 0; i < RevertHistory.FREE_PER_MINUTE; i++) {
      assertThat(revert(now)).isZero();
      now = now.plusSeconds(1);
    }
    assertThat(revert(now)).isEqualTo(RevertHistory.FIRST_DELAY.minusSeconds(1));
  }

  @Test
  void neverDelaysOccasionalReverts() {
    for (int i = 0; i < 100; i++) {
      assertThat(revert(now)).isZero();
      now = now.plusSeconds(30);
    }
    assertThat(history.contested(now)).isZero();
  }

  @Test
  void doublesTheDelayUpToTheMaximum() {
    var start = now;
    int reverts = 0;
    for (int second = 0; second < 3600; second++) {
      if (revert(start.plusSeconds(second)).isZero()) {
        reverts++;
      }
    }
    // 5 free, then 5, 10, 20 ... 160 s, then every 300 s.
    assertThat(reverts).isBetween(18, 24);
  }

  @Test
  void isContestedUntilItHasBeenQuiet() {
    for (int i = 0; i < RevertHistory.FREE_PER_MINUTE; i++) {
      revert(now);
    }
    var contested = history.contested(now);
    assertThat(contested).isGreaterThan(Duration.ofMinutes(1));
    assertThat(history.contested(now.plus(contested).minusSeconds(1))).isPositive();
    assertThat(history.contested(now.plus(contested))).isZero();
    assertThat(revert(now.plus(contested))).isZero();
  }
}
