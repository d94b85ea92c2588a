package io.cgrouppolicy.core.node;

import java.time.Instant;

/// A verdict that is still to come.
///
/// @param since when the operator began to wait
public record Undecided(Reason reason, Instant since) {

  /// What the verdict waits for. Each reason names what wakes the node, so that none waits for
  /// nothing.
  public enum Reason {
    CONFIGURATION_NOT_READ("/configz has not been answered yet", "the answer or its timeout"),
    SUMMARY_NOT_READ("/stats/summary has not been answered yet", "the answer or its timeout");

    private final String message;
    private final String wokenBy;

    Reason(String message, String wokenBy) {
      this.message = message;
      this.wokenBy = wokenBy;
    }

    public String wokenBy() {
      return wokenBy;
    }

    @Override
    public String toString() {
      return message;
    }
  }
}
