package io.cgrouppolicy.testing.kubelet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/// Recorded answers of a real kubelet, in src/test/resources/kubelet.
public final class Recordings {
  static final ObjectMapper JSON = new ObjectMapper();

  private Recordings() {}

  public static ObjectNode json(String file) {
    try {
      return (ObjectNode) JSON.readTree(bytes(file));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static byte[] bytes(String file) {
    try (var in = Recordings.class.getResourceAsStream("/kubelet/" + file)) {
      if (in == null) {
        throw new IllegalArgumentException("no recording " + file);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] bytes(JsonNode json) {
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Applies a JSON merge patch (RFC 7396) in place.
  static void merge(ObjectNode target, ObjectNode patch) {
    patch
        .properties()
        .forEach(
            field -> {
              var name = field.getKey();
              switch (field.getValue()) {
                case ObjectNode inner ->
                    merge(
                        target.get(name) instanceof ObjectNode old ? old : target.putObject(name),
                        inner);
                case JsonNode value when value.isNull() -> target.remove(name);
                case JsonNode value -> target.set(name, value);
              }
            });
  }
}
