package io.cgrouppolicy.core.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// Formats values from a kubelet for messages: on one line and with a bounded length, because the
/// status must stay small.
public final class DisplayText {
  private static final int MAX_ITEMS = 4;

  private DisplayText() {}

  public static String truncate(String text, int most) {
    var line = text.replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= most ? line : line.substring(0, most - 1) + "…";
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
