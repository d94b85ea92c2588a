package io.cgrouppolicy.limits;

/// One place where a stored object differs from the wanted one.
public record Difference(String field, String expected, String actual) {
  @Override
  public String toString() {
    return field + " is " + actual + ", not " + expected;
  }
}
