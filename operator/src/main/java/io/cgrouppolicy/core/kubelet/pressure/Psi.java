package io.cgrouppolicy.core.kubelet.pressure;

/// The kernel's averages for one resource: percent of the last 10 and 60 seconds. NaN if the
/// kubelet gives none, which is not the same as zero.
///
/// @param some10 time in which some task stalled
/// @param full10 time in which all tasks stalled; meaningless for the CPU of a whole node
/// @param counted whether the kernel has recorded any stall since boot. With PSI off, kubelets
///     report zeroes that never move.
public record Psi(float some10, float some60, float full10, float full60, boolean counted) {
  public static final Psi ABSENT = new Psi(Float.NaN, Float.NaN, Float.NaN, Float.NaN, false);

  /// Most pods are calm most of the time, and share this instance.
  private static final Psi CALM = new Psi(0, 0, 0, 0, true);

  private static final Psi NEVER = new Psi(0, 0, 0, 0, false);

  /// Replaces the common values by shared instances, to save memory.
  Psi shared() {
    return equals(CALM) ? CALM : equals(NEVER) ? NEVER : equals(ABSENT) ? ABSENT : this;
  }

  public float avg10(Stall kind) {
    return kind == Stall.SOME ? some10 : full10;
  }

  public float avg60(Stall kind) {
    return kind == Stall.SOME ? some60 : full60;
  }
}
