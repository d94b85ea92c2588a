package io.cgrouppolicy.core.namespace;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// The operator's recent reverts in one namespace. Prevents a write storm against another writer
/// that keeps changing what the operator restores: the first reverts within a minute are immediate;
/// each further one waits twice as long as the one before. The namespace counts as contested until
/// it has been quiet for as long as the last delay, and for at least a minute.
///
/// @param reverts the reverts of the last minute, oldest first
/// @param delay how long the next revert must wait after the last one; zero when uncontested
/// @param notBefore the earliest time of the next revert
public record RevertHistory(List<Instant> reverts, Duration delay, Instant notBefore) {
  public static final RevertHistory NONE = new RevertHistory(List.of(), Duration.ZERO, Instant.MIN);

  static final int FREE_PER_MINUTE = 5;
  static final Duration WINDOW = Duration.ofMinutes(1);
  static final Duration FIRST_DELAY = Duration.ofSeconds(5);
  static final Duration MAX_DELAY = Duration.ofMinutes(5);

  /// How long the next revert must wait; zero if it is due.
  public Duration delay(Instant now) {
    return now.isBefore(notBefore) ? Duration.between(now, notBefore) : Duration.ZERO;
  }

  /// The history after a revert.
  public RevertHistory reverted(Instant now) {
    var recent = recent(now);
    var all = Stream.concat(recent.reverts.stream(), Stream.of(now)).toList();
    if (all.size() < FREE_PER_MINUTE && recent.delay.isZero()) {
      return new RevertHistory(all, recent.delay, recent.notBefore);
    }
    var next = recent.delay.isZero() ? FIRST_DELAY : min(recent.delay.multipliedBy(2), MAX_DELAY);
    return new RevertHistory(all, next, now.plus(next));
  }

  /// How long the namespace still counts as contested; zero if it does not.
  public Duration contested(Instant now) {
    var recent = recent(now);
    return recent.delay.isZero()
        ? Duration.ZERO
        : Duration.between(now, recent.calm()).plusMillis(1);
  }

  private Instant calm() {
    var quiet = delay.compareTo(WINDOW) > 0 ? delay : WINDOW;
    var last = reverts.isEmpty() ? notBefore : reverts.getLast();
    return (last.isAfter(notBefore) ? last : notBefore).plus(quiet);
  }

  /// Drops expired reverts. Keeps the last one while the namespace is contested because the quiet
  /// period starts with it.
  private RevertHistory recent(Instant now) {
    boolean calm = !delay.isZero() && !now.isBefore(calm());
    boolean contested = !delay.isZero() && !calm;
    var from = now.minus(WINDOW);
    var kept = reverts.stream().filter(revert -> !revert.isBefore(from)).toList();
    if (kept.isEmpty() && contested && !reverts.isEmpty()) {
      kept = List.of(reverts.getLast());
    }
    return calm
        ? new RevertHistory(kept, Duration.ZERO, Instant.MIN)
        : new RevertHistory(kept, delay, notBefore);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
