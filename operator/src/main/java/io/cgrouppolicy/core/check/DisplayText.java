package io.cgrouppolicy.core.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.regex.Pattern;

/// Formats values that others chose for messages: on one line, without characters that a terminal
/// interprets, and with a bounded length, because the status must stay small.
public final class DisplayText {
  private static final int MAX_ITEMS = 4;

  /// Control characters, invisible and reordering ones, line separators, and halves of characters,
  /// which cannot be encoded. Most characters are printable ASCII, which needs no lookup.
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[[^ -~]&&[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]]+");

  private DisplayText() {}

  /// @param instead of what is not printable
  public static String printable(String text, String instead) {
    return UNPRINTABLE.matcher(text).replaceAll(instead);
  }

  public static String truncate(String text, int most) {
    var line = printable(text, " ");
    if (line.length() <= most) {
      return line;
    }
    boolean half = Character.isHighSurrogate(line.charAt(most - 2));
    return line.substring(0, half ? most - 2 : most - 1) + "…";
  }

  public static String show(JsonNode value) {
    if (value == null || value.isNull() || value.isMissingNode()) {
      return "unset";
    }
    return truncate(value.isTextual() ? value.textValue() : value.toString(), 80);
  }

  public static String join(List<String> texts, String separator) {
    var shown = String.join(separator, texts.subList(0, Math.min(MAX_ITEMS, texts.size())));
    return texts.size() <= MAX_ITEMS
        ? shown
        : shown + " and " + (texts.size() - MAX_ITEMS) + " more";
  }
}
