package io.cgrouppolicy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

/// Checks texts that people read in terminals: no control characters, which terminals interpret, no
/// invisible or reordering ones, and no half characters, which are not valid in UTF-8.
public final class PlainText {
  private PlainText() {}

  public static void check(String text) {
    assertThat(text).isNotNull();
    for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
      int point = text.codePointAt(i);
      boolean plain =
          switch (Character.getType(point)) {
            case Character.CONTROL,
                Character.FORMAT,
                Character.LINE_SEPARATOR,
                Character.PARAGRAPH_SEPARATOR,
                Character.SURROGATE ->
                false;
            default -> true;
          };
      if (!plain) {
        throw new AssertionError("U+%04X at %d of: %s".formatted(point, i, text));
      }
    }
  }
}
