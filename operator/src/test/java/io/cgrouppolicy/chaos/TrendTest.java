package io.cgrouppolicy.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
  private final RandomGenerator random = new SplittableRandom(7);

  private static Trend trend(DoubleUnaryOperator value) {
    var minutes = IntStream.range(0, 60).mapToObj(i -> (double) i).toList();
    return new Trend(minutes, minutes.stream().map(value::applyAsDouble).toList());
  }

  @Test
  void noiseIsFlat() {
    assertThat(trend(minute -> 100 + random.nextDouble(-10, 10)).growth())
        .isCloseTo(0, within(5.0));
  }

  @Test
  void aSlowLeakGrowsUnderNoise() {
    assertThat(trend(minute -> 100 + minute / 2 + random.nextDouble(-10, 10)).growth())
        .isCloseTo(29.5, within(8.0));
  }

  @Test
  void peaksDoNotCount() {
    assertThat(trend(minute -> minute > 50 && minute % 3 == 0 ? 10_000 : 100).growth()).isZero();
  }

  @Test
  void whatShrinksGrowsByLessThanNothing() {
    assertThat(trend(minute -> 100 - minute).growth()).isCloseTo(-59, within(0.001));
  }

  @Test
  void takesTheValuesOfAPartOfTheTime() {
    assertThat(trend(minute -> minute * 2).between(5, 8)).isEqualTo(List.of(10.0, 12.0, 14.0));
    assertThat(trend(minute -> minute * 2).median()).isEqualTo(59);
  }
}
