package io.cgrouppolicy.core.kubelet.pressure;

import java.util.Locale;

/// Shows amounts of memory.
final class Bytes {
  static final double MIB = 1 << 20;
  static final double GIB = 1 << 30;

  private Bytes() {}

  /// `5.1 GiB`, or `300 MiB` below one GiB.
  static String show(double bytes) {
    return bytes >= GIB
        ? String.format(Locale.ROOT, "%.1f GiB", bytes / GIB)
        : Math.round(bytes / MIB) + " MiB";
  }
}
