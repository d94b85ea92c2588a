package io.cgrouppolicy.core.admission;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Pattern;

/// A quantity with the arithmetic and canonical form of the API server (apimachinery's
/// `resource.Quantity`, v1.36): 1024Mi becomes 1Gi, and a sum has the notation of its first
/// non-zero term.
///
/// @param written the original text, if the server preserves it; else null
public record CanonicalQuantity(BigDecimal number, Notation notation, String written)
    implements Comparable<CanonicalQuantity> {
  /// The notation of a quantity, by its suffix.
  public enum Notation {
    /// 1500m, 2G
    DECIMAL,
    /// 2Gi
    BINARY,
    /// 2e9
    EXPONENT
  }

  static final CanonicalQuantity ZERO = new CanonicalQuantity(BigDecimal.ZERO, Notation.DECIMAL);
  static final CanonicalQuantity ONE = new CanonicalQuantity(BigDecimal.ONE, Notation.DECIMAL);

  /// The server's precision, in decimal places: it rounds up to 1n.
  private static final int NANO = 9;

  /// The number of digits that always fit into a long; fewer with a binary suffix, which adds
  /// digits.
  private static final int DIGITS = 18;

  private static final int DIGITS_OF_BINARY = 15;

  private static final BigInteger KIBI = BigInteger.valueOf(1024);
  private static final List<String> BINARY_SUFFIXES =
      List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");

  /// The suffixes from exponent -9 in steps of 3.
  private static final List<String> DECIMAL_SUFFIXES =
      List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");

  /// Groups the whole digits and the decimal places, without sign and leading zeros.
  private static final Pattern DIGITS_OF_TEXT = Pattern.compile("[+-]?0*([0-9]*)(?:\\.([0-9]*))?");

  private CanonicalQuantity(BigDecimal number, Notation notation) {
    this(number, notation, null);
  }

  public static CanonicalQuantity of(Quantity quantity) {
    var number = Quantity.getAmountInBytes(quantity);
    var suffix = quantity.getFormat() == null ? "" : quantity.getFormat();
    var notation = notation(suffix);
    return new CanonicalQuantity(
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

  /// Whether `ParseQuantity` considers the text canonical. That includes "1e0" and "1.500", which
  /// are not.
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

  CanonicalQuantity plus(CanonicalQuantity other) {
    return new CanonicalQuantity(number.add(other.number), isZero() ? other.notation : notation);
  }

  CanonicalQuantity minus(CanonicalQuantity other) {
    return new CanonicalQuantity(
        number.subtract(other.number), isZero() ? other.notation : notation);
  }

  CanonicalQuantity times(int count) {
    return new CanonicalQuantity(number.multiply(BigDecimal.valueOf(count)), notation);
  }

  /// Rounds up to whole units (`Value()`).
  long value() {
    return saturated(number);
  }

  /// Rounds up to thousandths (`MilliValue()`).
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
  public int compareTo(CanonicalQuantity other) {
    return number.compareTo(other.number);
  }

  /// Formats the quantity like the server (`CanonicalizeBytes`).
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
    int shift = Math.floorMod(exponent, 3); // the exponent must be a multiple of 3
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
