package io.cgrouppolicy.core.kubelet;

import io.cgrouppolicy.core.limits.Quantities;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/// A quantity, or a percentage of a capacity, as in evictionHard.
public record Threshold(BigDecimal value, boolean percent) {
  private static final Pattern PERCENT =
      Pattern.compile(
          "([+-]?(?:[0-9]{1,9}\\.?[0-9]{0,9}|\\.[0-9]{1,9})(?:[eE][+-]?[0-9]{1,2})?)%+");
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  /// Returns empty if the text is neither (`parsePercentage` in pkg/kubelet/eviction/helpers.go).
  public static Optional<Threshold> parse(String text) {
    var percent = PERCENT.matcher(text);
    if (percent.matches()) {
      return Optional.of(new Threshold(new BigDecimal(percent.group(1)), true));
    }
    boolean negative = text.startsWith("-") && !text.startsWith("-+");
    return Quantities.parse(negative ? text.substring(1) : text)
        .map(amount -> new Threshold(negative ? amount.negate() : amount, false));
  }

  public boolean atMostWhole() {
    return !percent || value.compareTo(HUNDRED) <= 0;
  }

  /// The amount, given the capacity that a percentage refers to.
  public BigDecimal of(BigDecimal capacity) {
    return percent ? capacity.multiply(value).movePointLeft(2) : value;
  }
}
