package io.cgrouppolicy.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// How long the object that waits longest for a verdict has waited, as a metric per kind. Shows an
/// object whose verdict never comes.
public final class UndecidedAge {
  private UndecidedAge() {}

  /// @param kind of the objects
  /// @param since since when each undecided object has waited
  public static void register(
      MeterRegistry registry, String kind, InstantSource clock, Supplier<Stream<Instant>> since) {
    TimeGauge.builder(
            "cgroup_policy_undecided_age",
            () ->
                since
                    .get()
                    .min(Comparator.naturalOrder())
                    .map(first -> Duration.between(first, clock.instant()).toMillis())
                    .orElse(0L),
            TimeUnit.MILLISECONDS)
        .description("How long the object that waits longest for a verdict has waited, by kind")
        .tag("kind", kind)
        .register(registry);
  }
}
