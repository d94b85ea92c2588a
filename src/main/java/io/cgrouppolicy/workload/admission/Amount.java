package io.cgrouppolicy.workload.admission;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;

/// A quantity as the API server reckons with it and writes it in its answers (apimachinery's
/// `resource.Quantity`, v1.36): 1024Mi is written 1Gi, a sum in the notation of its first term that
/// is not zero.
public record Amount(BigDecimal number, Notation notation) implements Comparable<Amount> {
  /// In what a quantity is written.
  public enum Notation {
    /// 1500m, 2G
    DECIMAL,
    /// 2Gi
    BINARY,
    /// 2e9
    EXPONENT
  }

  static final Amount ZERO = new Amount(BigDecimal.ZERO, Notation.DECIMAL);
  static final Amount ONE = new Amount(BigDecimal.ONE, Notation.DECIMAL);

  /// The finest part of a unit that the server keeps: it rounds up to 1n.
  private static final int NANO = 9;

  private static final BigInteger KIBI = BigInteger.valueOf(1024);
  private static final String[] BINARY_SUFFIXES = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  private static final Map<Integer, String> DECIMAL_SUFFIXES =
      Map.of(-9, "n", -6, "u", -3, "m", 0, "", 3, "k", 6, "M", 9, "G", 12, "T", 15, "P", 18, "E");

  public static Amount of(Quantity quantity) {
    var number = Quantity.getAmountInBytes(quantity);
    return new Amount(
        number.scale() > NANO ? number.setScale(NANO, RoundingMode.UP) : number,
        notation(quantity.getFormat()));
  }

  private static Notation notation(String suffix) {
    if (suffix == null || suffix.isEmpty()) {
      return Notation.DECIMAL;
    }
    if (suffix.endsWith("i")) {
      return Notation.BINARY;
    }
    return suffix.length() > 1 ? Notation.EXPONENT : Notation.DECIMAL;
  }

  public Quantity quantity() {
    return new Quantity(toString());
  }

  public boolean isZero() {
    return number.signum() == 0;
  }

  Amount plus(Amount other) {
    return new Amount(number.add(other.number), isZero() ? other.notation : notation);
  }

  Amount minus(Amount other) {
    return new Amount(number.subtract(other.number), isZero() ? other.notation : notation);
  }

  Amount times(int count) {
    return new Amount(number.multiply(BigDecimal.valueOf(count)), notation);
  }

  /// Rounded up to whole units (`Value()`).
  long value() {
    return saturated(number);
  }

  /// Rounded up to thousandths (`MilliValue()`).
  long milliValue() {
    return saturated(number.movePointRight(3));
  }

  private static long saturated(BigDecimal number) {
    return number
        .setScale(0, RoundingMode.CEILING)
        .min(BigDecimal.valueOf(Long.MAX_VALUE))
        .longValue();
  }

  @Override
  public int compareTo(Amount other) {
    return number.compareTo(other.number);
  }

  /// As the server writes it (`CanonicalizeBytes`).
  @Override
  public String toString() {
    if (isZero()) {
      return "0";
    }
    var stripped = number.stripTrailingZeros();
    if (notation == Notation.BINARY
        && stripped.scale() <= 0
        && number.abs().compareTo(new BigDecimal(KIBI)) >= 0) {
      return binary(stripped.toBigIntegerExact());
    }
    int exponent = -stripped.scale();
    int shift = Math.floorMod(exponent, 3); // the exponent is to be a multiple of 3
    var mantissa = stripped.unscaledValue().multiply(BigInteger.TEN.pow(shift));
    exponent -= shift;
    if (notation == Notation.EXPONENT) {
      return mantissa + (exponent == 0 ? "" : "e" + exponent);
    }
    var suffix = DECIMAL_SUFFIXES.get(exponent);
    return suffix == null ? mantissa + "e" + exponent : mantissa + suffix;
  }

  private static String binary(BigInteger whole) {
    int power = 0;
    while (whole.abs().compareTo(KIBI) >= 0
        && whole.mod(KIBI).signum() == 0
        && power < BINARY_SUFFIXES.length - 1) {
      whole = whole.divide(KIBI);
      power++;
    }
    return whole + BINARY_SUFFIXES[power];
  }
}
