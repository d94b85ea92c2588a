package io.cgrouppolicy.core.admission;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Pattern;

/// A quantity as the API server reckons with it and writes it in its answers (apimachinery's
/// `resource.Quantity`, v1.36): 1024Mi is written 1Gi, a sum in the notation of its first term that
/// is not zero.
///
/// @param written how it was written, where the server keeps that, else null
public record Amount(BigDecimal number, Notation notation, String written)
    implements Comparable<Amount> {
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

  /// How many digits surely fit into a long; with a binary suffix, which has digits of its own.
  private static final int DIGITS = 18;

  private static final int DIGITS_OF_BINARY = 15;

  private static final BigInteger KIBI = BigInteger.valueOf(1024);
  private static final List<String> BINARY_SUFFIXES =
      List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");

  /// From the exponent -9 in steps of 3.
  private static final List<String> DECIMAL_SUFFIXES =
      List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");

  /// Sign and leading zeros, whole digits, decimal places.
  private static final Pattern DIGITS_OF_TEXT = Pattern.compile("[+-]?0*([0-9]*)(?:\\.([0-9]*))?");

  private Amount(BigDecimal number, Notation notation) {
    this(number, notation, null);
  }

  public static Amount of(Quantity quantity) {
    var number = Quantity.getAmountInBytes(quantity);
    var suffix = quantity.getFormat() == null ? "" : quantity.getFormat();
    var notation = notation(suffix);
    return new Amount(
        number.scale() > NANO ? number.setScale(NANO, RoundingMode.UP) : number,
        notation,
        keepsText(quantity.getAmount(), suffix, notation) ? quantity.toString() : null);
  }

  private static Notation notation(String suffix) {
    if (suffix.endsWith("i")) {
      return Notation.BINARY;
    }
    return suffix.length() > 1 ? Notation.EXPONENT : Notation.DECIMAL;
  }

  /// Whether the server takes the text for canonical (`ParseQuantity`), which "1e0" and "1.500" are
  /// not in truth.
  private static boolean keepsText(String amount, String suffix, Notation notation) {
    var digits = DIGITS_OF_TEXT.matcher(amount);
    if (!digits.matches()) {
      return false;
    }
    var whole = digits.group(1).isEmpty() ? "0" : digits.group(1);
    var places = digits.group(2) == null ? "" : digits.group(2);
    int length = whole.length() + places.length();
    if (notation == Notation.BINARY) {
      int exponent = 10 * BINARY_SUFFIXES.indexOf(suffix);
      return places.isEmpty()
          && DIGITS_OF_BINARY - whole.length() - exponent * 3 / 10 - 1 >= 0
          && Long.parseLong(whole) % 8 != 0;
    }
    int exponent =
        notation == Notation.EXPONENT
            ? Integer.parseInt(suffix.substring(1))
            : 3 * DECIMAL_SUFFIXES.indexOf(suffix) - NANO;
    int scale = exponent - places.length();
    var shifted = whole + places;
    return length <= DIGITS
        && scale >= -NANO
        && scale % 3 == 0
        && !shifted.endsWith("000")
        && shifted.charAt(0) != '0';
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
    if (written != null) {
      return written;
    }
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
    int index = (exponent + NANO) / 3;
    return mantissa
        + (index < DECIMAL_SUFFIXES.size() ? DECIMAL_SUFFIXES.get(index) : "e" + exponent);
  }

  private static String binary(BigInteger whole) {
    int power = 0;
    while (whole.abs().compareTo(KIBI) >= 0
        && whole.mod(KIBI).signum() == 0
        && power < BINARY_SUFFIXES.size() - 1) {
      whole = whole.divide(KIBI);
      power++;
    }
    return whole + BINARY_SUFFIXES.get(power);
  }
}
