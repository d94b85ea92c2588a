package io.cgrouppolicy.delivery.helm;

import io.cgrouppolicy.delivery.Generated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Map;
import java.util.regex.Pattern;

/// The table of values in the chart's README, from values.yaml and its comments; the rest of the
/// page is written by hand.
public final class ChartReadme implements Generated {
  private static final String BEGIN = "<!-- from values.yaml; make manifests -->\n";
  private static final String END = "<!-- end -->\n";
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]+):(.*)");

  @Override
  public Map<Path, String> files() throws IOException {
    return Map.of(ChartFiles.CHART.resolve("README.md"), of(ChartFiles.CHART));
  }

  /// The README of a chart with the table of its values.
  public static String of(Path chart) throws IOException {
    var page = Files.readString(chart.resolve("README.md"));
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(chart + " has no markers for the table of values");
    }
    var table = table(chart.resolve("values.yaml"));
    return page.substring(0, begin) + BEGIN + table + page.substring(end);
  }

  private static String table(Path values) throws IOException {
    var table = new StringBuilder("| value | default | |\n|---|---|---|\n");
    var path = new ArrayDeque<String>();
    var comment = new ArrayList<String>();
    var group = "";
    for (var line : Files.readAllLines(values)) {
      var key = KEY.matcher(line);
      if (line.isBlank()) {
        comment.clear();
      } else if (line.strip().startsWith("#")) {
        comment.add(line.strip().substring(1).strip());
      } else if (key.matches()) {
        while (path.size() > key.group(1).length() / 2) {
          path.removeLast();
        }
        path.addLast(key.group(2));
        var text = String.join(" ", comment).replace("|", "\\|");
        comment.clear();
        if (key.group(3).isBlank()) {
          group = text; // applies to all values in it
        } else {
          var words = group.isEmpty() ? text : (group + " " + text).strip();
          group = "";
          table.append(
              "| `%s` | `%s` | %s |\n"
                  .formatted(String.join(".", path), key.group(3).strip(), words));
        }
      }
    }
    return table.toString();
  }
}
