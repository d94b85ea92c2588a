package io.cgrouppolicy.cli.recommend;

import java.math.BigDecimal;

/// Adds a percentage to what is needed.
final class Headroom {
  private Headroom() {}

  static BigDecimal add(int percent, BigDecimal amount) {
    return amount.add(amount.multiply(BigDecimal.valueOf(percent)).movePointLeft(2));
  }
}
