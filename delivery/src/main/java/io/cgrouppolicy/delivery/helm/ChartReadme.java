package io.cgrouppolicy.delivery.helm;

import io.cgrouppolicy.delivery.Generated;
import io.cgrouppolicy.delivery.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// The table of values in the chart's README, from values.yaml and its comments in the form of
/// helm-docs (`# -- DESCRIPTION` above a key). The rest of the page is written by hand.
public final class ChartReadme implements Generated {
  private static final String BEGIN = "<!-- from values.yaml; make manifests -->\n";
  private static final String END = "<!-- end -->\n";
  private static final String DESCRIPTION = "# -- ";
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]+):(.*)");

  @Override
  public Map<Path, String> files() throws IOException {
    return Map.of(ChartFiles.CHART.resolve("README.md"), of(ChartFiles.CHART));
  }

  /// The README of a chart with the table of its values.
  ///
  /// @throws IOException also for a value without a description
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

  private static String table(Path file) throws IOException {
    var table = new StringBuilder("| Key | Type | Default | Description |\n|---|---|---|---|\n");
    var values = Yaml.read(file);
    var path = new ArrayDeque<String>();
    var description = "";
    for (var line : Files.readAllLines(file)) {
      var key = KEY.matcher(line);
      if (line.strip().startsWith(DESCRIPTION)) {
        description = line.strip().substring(DESCRIPTION.length()).replace("|", "\\|");
      } else if (key.matches()) {
        while (path.size() > key.group(1).length() / 2) {
          path.removeLast();
        }
        path.addLast(key.group(2));
        if (key.group(3).isBlank()) {
          continue;
        }
        var name = String.join(".", path);
        if (description.isEmpty()) {
          throw new IOException(file + ": " + name + " has no description");
        }
        var type = values.at("/" + String.join("/", path)).getNodeType();
        table.append(
            "| `%s` | %s | `%s` | %s |\n"
                .formatted(
                    name, type.name().toLowerCase(Locale.ROOT), key.group(3).strip(), description));
        description = "";
      }
    }
    return table.toString();
  }
}
