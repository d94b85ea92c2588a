package io.cgrouppolicy.core.status;

import java.util.StringJoiner;

/// Builds a sentence of counts: `1 of 5 nodes is above a threshold, 2 report no pressure`.
final class CountMessage {
  private final String total;
  private final String ifNone;
  private final StringJoiner parts = new StringJoiner(", ");

  /// @param total the total, with its unit
  /// @param ifNone the whole sentence if all counts are zero
  CountMessage(String total, String ifNone) {
    this.total = total;
    this.ifNone = ifNone;
  }

  /// Adds a count, unless it is zero.
  ///
  /// @param one what one of them does, such as `is above a threshold`
  /// @param many the same for several
  CountMessage add(int n, String one, String many) {
    if (n > 0) {
      parts.add(n + (parts.length() == 0 ? " of " + total : "") + " " + (n == 1 ? one : many));
    }
    return this;
  }

  CountMessage add(int n, String oneOrMany) {
    return add(n, oneOrMany, oneOrMany);
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
    return parts.length() == 0 ? ifNone : parts.toString();
  }
}
