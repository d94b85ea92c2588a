package io.cgrouppolicy.cli.recommend;

import java.math.BigDecimal;
import java.util.Collection;

/// Percentiles by nearest rank: always one of the values.
final class Percentiles {
  static final int MEDIAN = 50;

  private Percentiles() {}

  /// The smallest value that at least this percentage of the values does not exceed.
  ///
  /// @param percent from 1 to 100
  /// @param values at least one
  static BigDecimal of(int percent, Collection<BigDecimal> values) {
    var sorted = values.stream().sorted().toList();
    return sorted.get(Math.max(0, Math.ceilDiv(percent * sorted.size(), 100) - 1));
  }
}
