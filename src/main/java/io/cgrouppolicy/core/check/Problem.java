package io.cgrouppolicy.core.check;

/// Why a policy cannot be carried out: the path of the field, and what is wrong with it.
public record Problem(String field, String message) {
  @Override
  public String toString() {
    return field + ": " + message;
  }
}
