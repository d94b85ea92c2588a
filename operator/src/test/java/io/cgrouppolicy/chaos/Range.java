package io.cgrouppolicy.chaos;

import java.util.stream.Stream;

/// A number that is not always certain.
record Range(int least, int most) {
  static Range of(boolean certain, boolean possible) {
    return new Range(certain ? 1 : 0, possible ? 1 : 0);
  }

  static Range sum(Stream<Range> ranges) {
    return ranges.reduce(new Range(0, 0), (a, b) -> new Range(a.least + b.least, a.most + b.most));
  }

  boolean includes(int number) {
    return least <= number && number <= most;
  }

  @Override
  public String toString() {
    return least == most ? String.valueOf(least) : least + " to " + most;
  }
}
