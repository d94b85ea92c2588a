package io.cgrouppolicy.cli.recommend;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundingTest {
  private static BigDecimal number(String quantity) {
    return Quantity.getAmountInBytes(new Quantity(quantity));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 16Mi",
    "1, 16Mi",
    "16Mi, 16Mi",
    "17Mi, 24Mi",
    "60Mi, 64Mi",
    "64Mi, 64Mi",
    "67108865, 96Mi",
    "100Mi, 128Mi",
    "130Mi, 192Mi",
    "200Mi, 256Mi",
    "1000Mi, 1Gi",
    "1025Mi, 1536Mi",
    "1537Mi, 2Gi",
    "2049Mi, 3Gi",
    "5Gi, 6Gi",
    "100Gi, 128Gi",
    "1000Gi, 1Ti",
    "1025Gi, 1536Gi",
    "3Ti, 3Ti",
  })
  void memory(String amount, String figure) {
    assertThat(Rounding.memory(number(amount))).hasToString(figure);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 10m",
    "0.0000001, 10m",
    "10m, 10m",
    "11m, 25m",
    "26m, 50m",
    "60m, 100m",
    "101m, 250m",
    "251m, 500m",
    "501m, 1",
    "1, 1",
    "1001m, 1500m",
    "1501m, 2",
    "2100m, 3",
    "5, 6",
    "13, 16",
    "100, 128",
  })
  void cpu(String amount, String figure) {
    assertThat(Rounding.cpu(number(amount))).hasToString(figure);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 10",
    "10, 10",
    "11, 15",
    "15.6, 20",
    "21, 30",
    "31, 50",
    "51, 75",
    "76, 100",
    "101, 150",
    "301, 500",
    "1000, 1000",
    "1001, 1500",
  })
  void count(String amount, String figure) {
    assertThat(Rounding.count(new BigDecimal(amount))).hasToString(figure);
  }

  /// A quota or default that is rounded down would reject what it is derived from.
  @Test
  void neverRoundsDownAndAtMostToTwoAndAHalfTimes() {
    var random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      var amount = BigDecimal.valueOf(Math.exp(random.nextDouble() * 40));
      var large = amount.add(new BigDecimal(16 << 20));
      for (var figure :
          List.of(
              number(Rounding.memory(large).toString()).divide(large, MathContext.DECIMAL64),
              number(Rounding.cpu(amount).toString()).divide(amount, MathContext.DECIMAL64),
              number(Rounding.count(amount.add(BigDecimal.TEN)).toString())
                  .divide(amount.add(BigDecimal.TEN), MathContext.DECIMAL64))) {
        assertThat(figure).as("%s", amount).isBetween(BigDecimal.ONE, new BigDecimal("2.5"));
      }
    }
  }

  @Test
  void formatsForComments() {
    assertThat(Rounding.text("memory", number("310Mi"))).isEqualTo("310Mi");
    assertThat(Rounding.text("limits.memory", number("1300Mi"))).isEqualTo("1.3Gi");
    assertThat(Rounding.text("requests.memory", number("2Gi"))).isEqualTo("2Gi");
    assertThat(Rounding.text("memory", BigDecimal.ONE)).isEqualTo("1Mi");
    assertThat(Rounding.text("cpu", number("35m"))).isEqualTo("35m");
    assertThat(Rounding.text("requests.cpu", number("5210m"))).isEqualTo("5.3");
    assertThat(Rounding.text("requests.cpu", number("20"))).isEqualTo("20");
    assertThat(Rounding.text("pods", number("42"))).isEqualTo("42");
    assertThat(Rounding.text("pods", BigDecimal.ZERO)).isEqualTo("0");
  }

  @Test
  void percentilesAreValues() {
    var values = List.of(4, 1, 3, 2).stream().map(BigDecimal::valueOf).toList();
    assertThat(Percentiles.of(1, values)).isEqualTo(BigDecimal.valueOf(1));
    assertThat(Percentiles.of(50, values)).isEqualTo(BigDecimal.valueOf(2));
    assertThat(Percentiles.of(75, values)).isEqualTo(BigDecimal.valueOf(3));
    assertThat(Percentiles.of(76, values)).isEqualTo(BigDecimal.valueOf(4));
    assertThat(Percentiles.of(100, values)).isEqualTo(BigDecimal.valueOf(4));
    assertThat(Percentiles.of(95, List.of(BigDecimal.TEN))).isEqualTo(BigDecimal.TEN);
  }
}
