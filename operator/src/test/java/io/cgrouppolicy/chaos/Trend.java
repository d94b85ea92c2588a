package io.cgrouppolicy.chaos;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The values of a measure over time.
///
/// @param at the times, in minutes
record Trend(List<Double> at, List<Double> values) {
  Trend {
    if (at.size() != values.size() || at.size() < 3) {
      throw new IllegalArgumentException("a trend needs three values or more: " + at + values);
    }
  }

  /// How much the measure grew from the first to the last value, by the Theil-Sen slope: the median
  /// of the slopes of all pairs, which single peaks do not move.
  double growth() {
    var slopes =
        IntStream.range(0, at.size())
            .boxed()
            .flatMapToDouble(
                i ->
                    IntStream.range(i + 1, at.size())
                        .mapToDouble(
                            j -> (values.get(j) - values.get(i)) / (at.get(j) - at.get(i))))
            .toArray();
    return median(slopes) * (at.getLast() - at.getFirst());
  }

  double median() {
    return median(values.stream().mapToDouble(value -> value).toArray());
  }

  /// The values of a part of the time.
  List<Double> between(double from, double to) {
    return IntStream.range(0, at.size())
        .filter(i -> at.get(i) >= from && at.get(i) < to)
        .mapToObj(values::get)
        .toList();
  }

  static double median(double[] values) {
    var sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
