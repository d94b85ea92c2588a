package io.cgrouppolicy.core.kubelet;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Parses and writes Go durations, as Kubernetes does: "1m30s" (`time.ParseDuration`).
public final class GoDuration {
  private static final Pattern PART = Pattern.compile("([0-9]*\\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)");
  private static final Pattern SYNTAX =
      Pattern.compile("[-+]?(?:0|(?:(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)");
  private static final Map<String, Long> NANOSECONDS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "μs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private GoDuration() {}

  /// Returns nanoseconds; empty if the text is not a duration or exceeds Go's range (292 years).
  public static Optional<Long> parse(String text) {
    if (text.length() > 64 || !SYNTAX.matcher(text).matches()) {
      return Optional.empty();
    }
    var sum = BigDecimal.ZERO;
    var parts = PART.matcher(text);
    while (parts.find()) {
      sum =
          sum.add(
              new BigDecimal(parts.group(1))
                  .multiply(BigDecimal.valueOf(NANOSECONDS.get(parts.group(2)))));
    }
    var nanoseconds = text.startsWith("-") ? sum.negate() : sum;
    return nanoseconds.abs().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        ? Optional.empty()
        : Optional.of(nanoseconds.longValue());
  }

  /// Writes a positive duration: "5m", "1m30s", "2.5s", "250ms".
  public static String format(Duration duration) {
    return duration.compareTo(Duration.ofSeconds(1)) < 0
        ? duration.toMillis() + "ms"
        : duration.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
  }
}
