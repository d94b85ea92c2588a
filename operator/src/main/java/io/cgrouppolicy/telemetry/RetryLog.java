package io.cgrouppolicy.telemetry;

import org.jboss.logging.Logger.Level;

/// Keeps a failure that is retried again and again from filling the log.
public final class RetryLog {
  private RetryLog() {}

  /// A warning for the first, second, fourth, eighth … failure in a row, so at growing intervals.
  ///
  /// @param failures in a row, with this one
  public static Level level(int failures) {
    return Integer.bitCount(failures) == 1 ? Level.WARN : Level.DEBUG;
  }
}
