package io.cgrouppolicy.core.check;

import static java.util.stream.Collectors.toSet;

import java.util.List;

/// One difference between the observed state and the policy.
public record Finding(Check check, String expected, String actual, String message) {
  public static Finding of(Check check, String expected, String actual, String message) {
    return new Finding(check, expected, actual, message);
  }

  /// The same finding with more in its message.
  public Finding and(String more) {
    return new Finding(check, expected, actual, message + "; " + more);
  }

  /// The findings of checks that had none before.
  public static List<Finding> added(List<Finding> before, List<Finding> now) {
    var known = before.stream().map(Finding::check).collect(toSet());
    return now.stream().filter(finding -> !known.contains(finding.check())).toList();
  }
}
