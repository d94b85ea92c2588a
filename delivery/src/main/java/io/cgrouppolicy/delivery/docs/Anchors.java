package io.cgrouppolicy.delivery.docs;

import java.util.Locale;

/// The anchors that GitHub generates for headings.
final class Anchors {
  private Anchors() {}

  /// Lower case, without markup and punctuation, and with hyphens for spaces.
  static String of(String heading) {
    return heading
        .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }
}
