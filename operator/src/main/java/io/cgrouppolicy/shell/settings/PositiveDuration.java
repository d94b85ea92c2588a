package io.cgrouppolicy.shell.settings;

import io.cgrouppolicy.core.kubelet.GoDuration;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import org.eclipse.microprofile.config.spi.Converter;

/// Reads a duration as Kubernetes writes it, `1m30s`. Also accepts Quarkus' forms, `1M30S` or
/// seconds without a unit.
public final class PositiveDuration implements Converter<Duration> {
  @Override
  public Duration convert(String text) {
    var duration =
        GoDuration.parse(text.strip()).map(Duration::ofNanos).orElseGet(() -> quarkus(text));
    if (duration == null || !duration.isPositive()) {
      throw new IllegalArgumentException("is not a duration above 0, such as 30s, 5m or 1m30s");
    }
    return duration;
  }

  private static Duration quarkus(String text) {
    try {
      return DurationConverter.parseDuration(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
