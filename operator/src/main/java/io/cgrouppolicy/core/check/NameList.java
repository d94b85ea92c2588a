package io.cgrouppolicy.core.check;

import java.util.Collection;
import java.util.stream.Collectors;

/// Names objects in a message, of many the first three.
public final class NameList {
  private static final int MAX = 3;

  private NameList() {}

  /// Returns the names in alphabetical order, so that the text stays the same while the objects do.
  public static String of(Collection<String> names) {
    var shown = names.stream().sorted().limit(MAX).collect(Collectors.joining(", "));
    return names.size() <= MAX ? shown : shown + " and " + (names.size() - MAX) + " more";
  }
}
