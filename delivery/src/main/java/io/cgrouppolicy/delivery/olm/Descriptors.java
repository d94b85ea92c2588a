package io.cgrouppolicy.delivery.olm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Descriptors for consoles: one for every field of the CRD's schema, with the schema's
/// description.
final class Descriptors {
  private static final String UI = "urn:alm:descriptor:com.tectonic.ui:";

  private final List<String> order;
  private final List<String> advanced;
  private final Map<String, String> displayNames = new HashMap<>();

  /// @param settings of config/olm/bundle.yaml
  Descriptors(JsonNode settings) {
    order = texts(settings.path("order"));
    advanced = texts(settings.path("advanced"));
    settings
        .path("displayNames")
        .properties()
        .forEach(entry -> displayNames.put(entry.getKey(), entry.getValue().asText()));
  }

  private static List<String> texts(JsonNode list) {
    var texts = new ArrayList<String>();
    list.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /// Every field under `spec`, including those of list elements.
  ArrayNode spec(JsonNode schema) {
    var descriptors = Yaml.object().arrayNode();
    fields(schema)
        .forEach(field -> describe(descriptors, "", field.getKey(), field.getValue(), true));
    return descriptors;
  }

  /// Every field under `status`, except those of list elements, which consoles show unchanged.
  ArrayNode status(JsonNode schema) {
    var descriptors = Yaml.object().arrayNode();
    fields(schema)
        .forEach(field -> describe(descriptors, "", field.getKey(), field.getValue(), false));
    return descriptors;
  }

  private List<Map.Entry<String, JsonNode>> fields(JsonNode schema) {
    return schema.path("properties").properties().stream()
        .sorted(
            Comparator.comparingInt(
                (Map.Entry<String, JsonNode> field) ->
                    order.contains(field.getKey()) ? order.indexOf(field.getKey()) : order.size()))
        .toList();
  }

  private void describe(
      ArrayNode descriptors, String parent, String name, JsonNode schema, boolean input) {
    var path = parent + name;
    ObjectNode descriptor = descriptors.addObject();
    descriptor.put("path", path);
    descriptor.put("displayName", displayName(name));
    descriptor.put("description", schema.path("description").asText());
    var hints = input ? inputHints(parent, name, schema) : statusHints(name);
    if (!hints.isEmpty()) {
      var list = descriptor.putArray("x-descriptors");
      hints.forEach(list::add);
    }
    fields(schema)
        .forEach(
            field -> describe(descriptors, path + ".", field.getKey(), field.getValue(), input));
    if (input) {
      fields(schema.path("items"))
          .forEach(
              field ->
                  describe(descriptors, path + "[0].", field.getKey(), field.getValue(), true));
    }
  }

  private List<String> inputHints(String parent, String name, JsonNode schema) {
    var hints = new ArrayList<String>();
    if (parent.isEmpty() && advanced.contains(name)) {
      hints.add(UI + "advanced");
    }
    if (name.equals("selector")) {
      hints.add(UI + "selector:core:v1:" + (parent.equals("nodes.") ? "Node" : "Namespace"));
    }
    if (schema.has("enum")) {
      schema.get("enum").forEach(value -> hints.add(UI + "select:" + value.asText()));
      return hints;
    }
    switch (schema.path("type").asText()) {
      case "boolean" -> hints.add(UI + "booleanSwitch");
      case "integer", "number" -> hints.add(UI + "number");
      case "string" -> hints.add(UI + "text");
      default -> {} // consoles show maps, lists and groups through their fields
    }
    return hints;
  }

  private static List<String> statusHints(String name) {
    return name.equals("conditions")
        ? List.of("urn:alm:descriptor:io.kubernetes.conditions")
        : List.of();
  }

  /// `kubeReservedCgroup` becomes `Kube reserved cgroup`.
  private String displayName(String name) {
    var words =
        displayNames.getOrDefault(
            name, name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT));
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }
}
