package io.cgrouppolicy.cli.recommend;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;

/// Rounds amounts up to the figures that people write in manifests, and formats amounts for
/// comments. A figure is at most two and a half times the amount.
final class Rounding {
  private static final BigInteger MEBI = BigInteger.ONE.shiftLeft(20);
  private static final List<String> UNITS = List.of("Mi", "Gi", "Ti", "Pi");
  private static final BigDecimal KIBI = BigDecimal.valueOf(1024);

  /// Thousandths of a CPU, below one CPU.
  private static final List<Integer> MILLI_CPUS = List.of(10, 25, 50, 100, 250, 500);

  private static final int FEWEST = 10;

  /// The figures from 10 to 99, then times ten.
  private static final List<Integer> COUNTS = List.of(10, 15, 20, 30, 50, 75);

  private Rounding() {}

  /// Rounds bytes up to a power of two, or to half as much again: 64Mi, 96Mi, 128Mi, 192Mi, ...,
  /// 1Gi, 1536Mi, 2Gi, 3Gi. At least 16Mi.
  static Quantity memory(BigDecimal bytes) {
    var mebibytes = bytes.divide(new BigDecimal(MEBI), 0, RoundingMode.CEILING).toBigIntegerExact();
    var figure = half(mebibytes.max(BigInteger.valueOf(16)));
    int unit = 0;
    while (unit < UNITS.size() - 1 && figure.mod(BigInteger.valueOf(1024)).signum() == 0) {
      figure = figure.shiftRight(10);
      unit++;
    }
    return new Quantity(figure + UNITS.get(unit));
  }

  /// Rounds CPUs up: 10m, 25m, 50m, 100m, 250m, 500m, 1, 1500m, 2, 3, 4, 6, 8, 12 and so on.
  static Quantity cpu(BigDecimal cpus) {
    var milli = milli(cpus);
    for (int figure : MILLI_CPUS) {
      if (milli.compareTo(BigInteger.valueOf(figure)) <= 0) {
        return new Quantity(figure + "m");
      }
    }
    if (milli.compareTo(BigInteger.valueOf(1000)) > 0
        && milli.compareTo(BigInteger.valueOf(1500)) <= 0) {
      return new Quantity("1500m");
    }
    return new Quantity(
        half(cpus.setScale(0, RoundingMode.CEILING).toBigIntegerExact()).toString());
  }

  /// Rounds a number of objects up: 10, 15, 20, 30, 50, 75, 100, 150 and so on.
  static Quantity count(BigDecimal number) {
    var most = number.setScale(0, RoundingMode.CEILING).toBigIntegerExact();
    for (var power = BigInteger.ONE; ; power = power.multiply(BigInteger.TEN)) {
      for (int figure : COUNTS) {
        var candidate = power.multiply(BigInteger.valueOf(figure));
        if (candidate.compareTo(most.max(BigInteger.valueOf(FEWEST))) >= 0) {
          return new Quantity(candidate.toString());
        }
      }
    }
  }

  /// The next of 1, 2, 3, 4, 6, 8, 12, 16, 24 and so on.
  private static BigInteger half(BigInteger number) {
    var power = BigInteger.ONE;
    while (power.compareTo(number) < 0) {
      power = power.shiftLeft(1);
    }
    var smaller = power.shiftRight(2).multiply(BigInteger.valueOf(3));
    return smaller.compareTo(number) >= 0 ? smaller : power;
  }

  private static BigInteger milli(BigDecimal cpus) {
    return cpus.movePointRight(3).setScale(0, RoundingMode.CEILING).toBigIntegerExact();
  }

  /// Formats an amount of a resource for a comment, rounded up: 310Mi, 5.2Gi, 35m, 5.2.
  ///
  /// @param resource such as `memory`, `limits.memory`, `requests.cpu` or `pods`
  static String text(String resource, BigDecimal amount) {
    if (resource.endsWith("memory")) {
      var shown = amount.divide(new BigDecimal(MEBI), 3, RoundingMode.CEILING);
      int unit = 0;
      while (shown.compareTo(KIBI) >= 0 && unit < UNITS.size() - 1) {
        shown = shown.divide(KIBI, 3, RoundingMode.CEILING);
        unit++;
      }
      return plain(shown.setScale(unit == 0 ? 0 : 1, RoundingMode.CEILING)) + UNITS.get(unit);
    }
    if (resource.endsWith("cpu")) {
      var milli = milli(amount);
      return milli.compareTo(BigInteger.valueOf(1000)) < 0
          ? milli + "m"
          : plain(amount.setScale(1, RoundingMode.CEILING));
    }
    return plain(amount.setScale(0, RoundingMode.CEILING));
  }

  private static String plain(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }
}
