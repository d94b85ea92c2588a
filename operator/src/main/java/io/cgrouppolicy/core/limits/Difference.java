package io.cgrouppolicy.core.limits;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import java.util.List;

/// One field of a stored object that differs from the desired object.
public record Difference(String field, String expected, String actual) {
  /// Creates a finding that names the first difference and counts the others.
  ///
  /// @param before prefix of the message
  /// @param after suffix of the message
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
