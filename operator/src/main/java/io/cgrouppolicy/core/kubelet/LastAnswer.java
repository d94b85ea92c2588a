package io.cgrouppolicy.core.kubelet;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// When a kubelet last gave a usable answer, for messages.
///
/// @param ago the age in words, or "" for less than a minute. An exact age would change the status
///     with every look, so it grows in steps.
public record LastAnswer(Instant at, String ago) {
  private static final List<Duration> STEPS =
      List.of(
          Duration.ofDays(30),
          Duration.ofDays(7),
          Duration.ofDays(1),
          Duration.ofHours(12),
          Duration.ofHours(6),
          Duration.ofHours(2),
          Duration.ofHours(1),
          Duration.ofMinutes(30),
          Duration.ofMinutes(10),
          Duration.ofMinutes(5),
          Duration.ofMinutes(2),
          Duration.ofMinutes(1));

  /// @return null if there was none
  public static LastAnswer of(Reading<?> reading, Instant now) {
    if (reading == null || reading.lastUsable() == null) {
      return null;
    }
    var age = Duration.between(reading.lastUsable(), now);
    var ago =
        STEPS.stream()
            .filter(step -> age.compareTo(step) >= 0)
            .findFirst()
            .map(step -> ", over " + words(step) + " ago")
            .orElse("");
    return new LastAnswer(reading.lastUsable(), ago);
  }

  private static String words(Duration step) {
    if (step.toDays() > 0) {
      return count(step.toDays(), "day");
    }
    return step.toHours() > 0 ? count(step.toHours(), "hour") : count(step.toMinutes(), "minute");
  }

  private static String count(long n, String unit) {
    return n + " " + unit + (n == 1 ? "" : "s");
  }

  @Override
  public String toString() {
    return at.truncatedTo(ChronoUnit.SECONDS) + ago;
  }
}
