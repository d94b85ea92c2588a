package io.cgrouppolicy.compliance;

/// One thing that is not as the policy says.
public record Finding(Check check, String expected, String actual, String message) {
  public static Finding of(Check check, String expected, String actual, String message) {
    return new Finding(check, expected, actual, message);
  }
}
