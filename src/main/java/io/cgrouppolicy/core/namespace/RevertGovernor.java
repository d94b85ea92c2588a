package io.cgrouppolicy.core.namespace;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps the operator from a write storm against somebody who keeps changing what it restores. The
/// first reverts of a minute are made at once; after that, each waits twice as long as the one
/// before, and the namespace counts as contested until it has been quiet for as long as it last
/// waited, at least a minute.
public final class RevertGovernor {
  static final int FREE_PER_MINUTE = 5;
  static final Duration WINDOW = Duration.ofMinutes(1);
  static final Duration FIRST_DELAY = Duration.ofSeconds(5);
  static final Duration LONGEST_DELAY = Duration.ofMinutes(5);

  private static final class History {
    final ArrayDeque<Instant> reverts = new ArrayDeque<>();
    Duration delay = Duration.ZERO;
    Instant notBefore = Instant.MIN;
  }

  private final Map<String, History> histories = new ConcurrentHashMap<>();

  /// How long to wait before the next revert in a namespace; zero to do it now, which is recorded.
  public Duration ask(String namespace, Instant now) {
    var history = histories.computeIfAbsent(namespace, n -> new History());
    synchronized (history) {
      if (now.isBefore(history.notBefore)) {
        return Duration.between(now, history.notBefore);
      }
      forget(history, now);
      history.reverts.addLast(now);
      if (history.reverts.size() >= FREE_PER_MINUTE || !history.delay.isZero()) {
        history.delay =
            history.delay.isZero()
                ? FIRST_DELAY
                : min(history.delay.multipliedBy(2), LONGEST_DELAY);
        history.notBefore = now.plus(history.delay);
      }
      return Duration.ZERO;
    }
  }

  /// How long the namespace still counts as contested; zero when it does not.
  public Duration contested(String namespace, Instant now) {
    var history = histories.get(namespace);
    if (history == null) {
      return Duration.ZERO;
    }
    synchronized (history) {
      forget(history, now);
      if (history.delay.isZero()) {
        return Duration.ZERO;
      }
      return Duration.between(now, calm(history)).plusMillis(1);
    }
  }

  public void remove(String namespace) {
    histories.remove(namespace);
  }

  private static Instant calm(History history) {
    var quiet = history.delay.compareTo(WINDOW) > 0 ? history.delay : WINDOW;
    var last = history.reverts.isEmpty() ? history.notBefore : history.reverts.getLast();
    return max(last, history.notBefore).plus(quiet);
  }

  private static void forget(History history, Instant now) {
    if (!history.delay.isZero() && !now.isBefore(calm(history))) {
      history.delay = Duration.ZERO;
      history.notBefore = Instant.MIN;
    }
    // The last one stays while contested: it says since when it has been quiet.
    while (!history.reverts.isEmpty()
        && history.reverts.getFirst().isBefore(now.minus(WINDOW))
        && (history.delay.isZero() || history.reverts.size() > 1)) {
      history.reverts.removeFirst();
    }
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Instant max(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
