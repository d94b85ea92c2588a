package io.cgrouppolicy.core.limits;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import java.util.List;

/// One place where a stored object differs from the wanted one.
public record Difference(String field, String expected, String actual) {
  /// The finding that tells the first of several, and how many more there are.
  ///
  /// @param before what stands before that in the message; so `after`
  public static Finding finding(
      Check check, List<Difference> differences, String before, String after) {
    var first = differences.getFirst();
    var more = differences.size() > 1 ? " and " + (differences.size() - 1) + " more" : "";
    return Finding.of(
        check,
        first.field() + ": " + first.expected(),
        first.actual(),
        before + first + more + after);
  }

  @Override
  public String toString() {
    return field + " is " + actual + ", not " + expected;
  }
}
