package io.cgrouppolicy.report.html;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;

/// Formats amounts for readers.
enum Amounts {
  /// Bytes: `15.6 GiB`.
  MEMORY {
    private static final List<String> UNITS =
        List.of("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");

    @Override
    String format(long bytes) {
      double amount = bytes;
      int unit = 0;
      while (amount >= 1023.95 && unit < UNITS.size() - 1) {
        amount /= 1024;
        unit++;
      }
      return number(amount) + " " + UNITS.get(unit);
    }
  },

  /// Thousandths of a CPU: `3.9 CPUs`.
  CPU {
    @Override
    String format(long thousandths) {
      var number =
          thousandths < 100
              ? BigDecimal.valueOf(thousandths, 3).stripTrailingZeros().toPlainString()
              : number(thousandths / 1000.0);
      return number + (number.equals("1") ? " CPU" : " CPUs");
    }
  };

  abstract String format(long amount);

  /// One decimal place below 100, if it is not 0.
  private static String number(double amount) {
    return BigDecimal.valueOf(amount)
        .setScale(amount < 99.95 ? 1 : 0, RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }

  /// `1 finding`, `2,000 findings`.
  static String count(long number, String singular) {
    return digits(number) + " " + (number == 1 ? singular : singular + "s");
  }

  static String digits(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
