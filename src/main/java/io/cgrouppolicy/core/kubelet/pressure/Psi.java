package io.cgrouppolicy.core.kubelet.pressure;

/// The kernel's averages of one resource, in percent of time over the last 10 and 60 seconds. NaN
/// where the kubelet does not tell one, which is not zero.
///
/// @param some10 some task was stalled
/// @param full10 all tasks were stalled; of a whole node's CPU it means nothing
/// @param counted whether the kernel has counted any stall since boot: where PSI is off, kubelets
///     tell zeroes that never move
public record Psi(float some10, float some60, float full10, float full60, boolean counted) {
  public static final Psi ABSENT = new Psi(Float.NaN, Float.NaN, Float.NaN, Float.NaN, false);

  /// Most pods are calm most of the time, and share this.
  private static final Psi CALM = new Psi(0, 0, 0, 0, true);

  private static final Psi NEVER = new Psi(0, 0, 0, 0, false);

  /// One instance for what most are like.
  Psi shared() {
    return equals(CALM) ? CALM : equals(NEVER) ? NEVER : equals(ABSENT) ? ABSENT : this;
  }

  /// Whether anything was told.
  public boolean present() {
    return !equals(ABSENT);
  }

  public float avg10(Stall kind) {
    return kind == Stall.SOME ? some10 : full10;
  }

  public float avg60(Stall kind) {
    return kind == Stall.SOME ? some60 : full60;
  }
}
