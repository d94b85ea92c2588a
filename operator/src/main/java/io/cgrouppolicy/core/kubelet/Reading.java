package io.cgrouppolicy.core.kubelet;

import java.time.Duration;
import java.time.Instant;

/// What asking one kubelet has brought so far.
///
/// @param answer the latest
/// @param lastUsable when the last usable answer came, or null
/// @param since when the kubelet was first asked
public record Reading<T>(Answer<T> answer, Instant lastUsable, Instant since) {

  /// How old the last usable answer is; without one, how long requests have failed.
  public Duration age(Instant now) {
    return Duration.between(lastUsable == null ? since : lastUsable, now);
  }
}
