package io.cgrouppolicy.core.kubelet.pressure;

import java.util.HashMap;
import java.util.Map;

/// Figures as a status reports them. Pressure moves with every look, and a status that followed it
/// would be written without end. So a reported figure stays until the real one is more than a tenth
/// of it, and more than a given step, away. Gauges show the real ones.
final class ReportedFigures {
  private final Map<String, Double> before;
  private final Map<String, Double> now = new HashMap<>();

  ReportedFigures(Map<String, Double> before) {
    this.before = before;
  }

  /// @param percent the real figure
  double percent(String what, double percent) {
    return figure(what, percent, 1);
  }

  /// @param bytes the real figure
  double bytes(String what, double bytes) {
    return figure(what, bytes, 0.05 * Bytes.GIB);
  }

  private double figure(String what, double real, double step) {
    var old = before.get(what);
    double reported = old != null && Math.abs(real - old) < Math.max(step, old / 10) ? old : real;
    now.put(what, reported);
    return reported;
  }

  /// The figures reported this time, for the next.
  Map<String, Double> now() {
    return Map.copyOf(now);
  }
}
