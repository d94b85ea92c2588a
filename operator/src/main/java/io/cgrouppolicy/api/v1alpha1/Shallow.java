package io.cgrouppolicy.api.v1alpha1;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import java.io.IOException;

/// Reads any JSON, but not what is nested more deeply than a valid value can be. Copies and
/// comparisons of the rest would overflow the stack.
public final class Shallow extends JsonDeserializer<JsonNode> {
  /// The most levels of a valid value. A KubeletConfiguration has 5.
  public static final int LEVELS = 32;

  @Override
  public JsonNode deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    return cut(context.readTree(parser), LEVELS);
  }

  private static JsonNode cut(JsonNode json, int levels) {
    if (json instanceof ContainerNode<?> container) {
      if (levels < 0) {
        container.removeAll();
      }
      container.forEach(value -> cut(value, levels - 1));
    }
    return json;
  }
}
