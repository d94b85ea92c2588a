package io.cgrouppolicy.core.kubelet.pressure;

import java.util.HashMap;
import java.util.Map;

/// Figures as they are told in a status. Pressure moves with every look, and a status that followed
/// it would be written for ever: a figure is told as before until the real one is a tenth of it,
/// and no less than a given step, away. The gauges have the real ones.
final class ReportedFigures {
  private final Map<String, Double> before;
  private final Map<String, Double> now = new HashMap<>();

  ReportedFigures(Map<String, Double> before) {
    this.before = before;
  }

  /// @param percent what is true now
  double percent(String what, double percent) {
    return figure(what, percent, 1);
  }

  /// @param bytes what is true now
  double bytes(String what, double bytes) {
    return figure(what, bytes, 0.05 * Bytes.GIB);
  }

  private double figure(String what, double real, double step) {
    var old = before.get(what);
    double told = old != null && Math.abs(real - old) < Math.max(step, old / 10) ? old : real;
    now.put(what, told);
    return told;
  }

  /// What was told this time, for the next.
  Map<String, Double> now() {
    return Map.copyOf(now);
  }
}
