package io.cgrouppolicy.core.check;

/// Why a policy is invalid or unsafe: the path of a field, and what is wrong with it.
public record Problem(String field, String message) {
  @Override
  public String toString() {
    return field + ": " + message;
  }
}
