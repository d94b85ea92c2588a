package io.cgrouppolicy.core.status;

import java.util.StringJoiner;

/// A sentence that counts: `of 5 nodes, 1 above a threshold, 2 without figures`.
final class Counted {
  private final StringJoiner parts;

  /// @param of how many there are of what
  /// @param ifNone the whole sentence where nothing is counted
  Counted(String of, String ifNone) {
    parts = new StringJoiner(", ", "of " + of + ", ", "").setEmptyValue(ifNone);
  }

  /// Nothing is said of none.
  Counted add(int n, String what) {
    if (n > 0) {
      parts.add(n + " " + what);
    }
    return this;
  }

  @Override
  public String toString() {
    return parts.toString();
  }
}
