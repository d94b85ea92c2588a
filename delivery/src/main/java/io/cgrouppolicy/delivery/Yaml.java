package io.cgrouppolicy.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Reads and writes YAML of manifests. Output keeps the order of the tree, and has the same meaning
/// in every version of YAML.
public final class Yaml {
  private static final ObjectMapper MAPPER =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE)
              .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
              .stringQuotingChecker(new Quoting())
              .build());

  private Yaml() {}

  /// Parsers distinguish numbers and dates from text by different rules, so any text that begins
  /// like one is quoted.
  private static final class Quoting extends StringQuotingChecker.Default {
    private static final long serialVersionUID = 1;

    @Override
    public boolean needToQuoteValue(String value) {
      return super.needToQuoteValue(value)
          || value.matches("[-+.0-9].*")
          || value.startsWith(" ")
          || value.endsWith(" ");
    }
  }

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /// @throws IOException if it cannot be read, or is not a mapping
  public static ObjectNode read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  /// @throws IOException if it is not a mapping
  public static ObjectNode parse(String text) throws IOException {
    return MAPPER.readValue(text, ObjectNode.class);
  }

  /// All documents of a stream.
  public static List<ObjectNode> readAll(String text) throws IOException {
    try (var documents = MAPPER.readerFor(ObjectNode.class).<ObjectNode>readValues(text)) {
      return documents.readAll();
    }
  }

  /// The same as text, with its comments.
  public static List<String> documents(String text) {
    return List.of(text.split("(?m)^---\n"));
  }

  /// The kind of a Kubernetes object, or "".
  public static String kind(JsonNode object) {
    return object.path("kind").asText();
  }

  /// The name of a Kubernetes object, or "".
  public static String name(JsonNode object) {
    return object.at("/metadata/name").asText();
  }

  public static String write(Object tree) {
    try {
      return MAPPER.writeValueAsString(tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ObjectNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }
}
