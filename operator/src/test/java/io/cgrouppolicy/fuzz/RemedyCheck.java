package io.cgrouppolicy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Checks the files of a remedy, from which administrators copy.
final class RemedyCheck {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final int MAX_SIZE = 1 << 20;

  private RemedyCheck() {}

  /// @param settings the names of all settings that the policy has
  static void check(Map<String, String> files, Set<String> settings) {
    int size = 0;
    for (var file : files.entrySet()) {
      assertThat(file.getKey()).matches("[-._a-zA-Z0-9]{1,253}");
      size += file.getValue().getBytes(StandardCharsets.UTF_8).length;
      if (file.getKey().equals("README.txt") || file.getKey().endsWith(".slice")) {
        file.getValue().lines().forEach(PlainText::check);
        assertThat(file.getValue().lines().filter(line -> line.startsWith("    ")))
            .as("commands")
            .noneMatch(line -> line.contains("pwned"));
      } else {
        assertThat(yaml(file.getValue()).isObject()).isTrue();
      }
    }
    assertThat(size).as("bytes of the ConfigMap").isLessThan(MAX_SIZE);
    var dropIn = files.get("90-cgroup-policy.conf");
    if (dropIn != null) {
      assertThat(settings).containsAll(names(yaml(dropIn)));
    }
  }

  /// The names of the top-level settings. A line separator in a name becomes a space in YAML.
  static Set<String> names(JsonNode json) {
    var names = new TreeSet<String>();
    json.fieldNames().forEachRemaining(name -> names.add(name.replaceAll("\\R+", " ")));
    return names;
  }

  private static JsonNode yaml(String text) {
    try (var values = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      var value = values.next();
      assertThat(values.hasNext()).as("another document in " + text).isFalse();
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(text, e);
    }
  }
}
