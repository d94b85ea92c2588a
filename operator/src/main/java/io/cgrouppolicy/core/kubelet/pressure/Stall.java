package io.cgrouppolicy.core.kubelet.pressure;

import java.util.Locale;

/// How much of the work stalls, in the kernel's words.
public enum Stall {
  /// At least one task.
  SOME,
  /// All non-idle tasks.
  FULL;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
