package io.cgrouppolicy.core.status;

import java.util.StringJoiner;

/// Builds a sentence of counts: `of 5 nodes, 1 above a threshold, 2 without figures`.
final class CountMessage {
  private final StringJoiner parts;

  /// @param of the total, with its unit
  /// @param ifNone the whole sentence if all counts are zero
  CountMessage(String of, String ifNone) {
    parts = new StringJoiner(", ", "of " + of + ", ", "").setEmptyValue(ifNone);
  }

  /// Adds a count, unless it is zero.
  CountMessage add(int n, String what) {
    if (n > 0) {
      parts.add(n + " " + what);
    }
    return this;
  }

  /// A number with its noun.
  ///
  /// @param noun in the singular; its plural has an s
  static String of(int n, String noun) {
    return n + " " + noun + (n == 1 ? "" : "s");
  }

  /// A sentence about all of one or more.
  static String all(int n, String one, String many) {
    return n == 1 ? "the " + one : "all " + n + " " + many;
  }

  @Override
  public String toString() {
    return parts.toString();
  }
}
