package io.cgrouppolicy.core.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RevertGovernorTest {
  private final RevertGovernor governor = new RevertGovernor();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void revertsAtOnceAFewTimesAMinute() {
    for (int i = 0; i < RevertGovernor.FREE_PER_MINUTE; i++) {
      assertThat(governor.ask("a", now)).isZero();
      now = now.plusSeconds(1);
    }
    assertThat(governor.ask("a", now)).isEqualTo(RevertGovernor.FIRST_DELAY.minusSeconds(1));
    assertThat(governor.ask("b", now)).as("others are not held up").isZero();
  }

  @Test
  void revertsNowAndThenForEver() {
    for (int i = 0; i < 100; i++) {
      assertThat(governor.ask("a", now)).isZero();
      now = now.plusSeconds(30);
    }
    assertThat(governor.contested("a", now)).isZero();
  }

  @Test
  void waitsTwiceAsLongEachTimeAndNeverMoreThanTheLongest() {
    var start = now;
    int reverts = 0;
    for (int second = 0; second < 3600; second++) {
      if (governor.ask("a", start.plusSeconds(second)).isZero()) {
        reverts++;
      }
    }
    // 5 free, then 5, 10, 20 ... 160 s, then every 300 s.
    assertThat(reverts).isBetween(18, 24);
  }

  @Test
  void isContestedUntilItHasBeenQuiet() {
    for (int i = 0; i < RevertGovernor.FREE_PER_MINUTE; i++) {
      governor.ask("a", now);
    }
    var contested = governor.contested("a", now);
    assertThat(contested).isGreaterThan(Duration.ofMinutes(1));
    assertThat(governor.contested("a", now.plus(contested).minusSeconds(1))).isPositive();
    assertThat(governor.contested("a", now.plus(contested))).isZero();
    assertThat(governor.ask("a", now.plus(contested))).isZero();
  }
}
