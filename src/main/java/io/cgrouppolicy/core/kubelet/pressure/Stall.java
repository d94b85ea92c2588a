package io.cgrouppolicy.core.kubelet.pressure;

import java.util.Locale;

/// How much of the work is stalled, in the kernel's words.
public enum Stall {
  /// At least one task.
  SOME,
  /// All tasks that are not idle.
  FULL;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
