package io.cgrouppolicy.delivery.docs;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The bounds of a field in a schema, in words.
final class SchemaBounds {
  private SchemaBounds() {}

  /// Sentences without a period: for the field, and for its items or values.
  static List<String> of(JSONSchemaProps field) {
    var bounds = new ArrayList<String>();
    count(bounds, "items", field.getMinItems(), field.getMaxItems());
    count(bounds, "entries", field.getMinProperties(), field.getMaxProperties());
    if (field.getItems() != null) {
      var keys = field.getXKubernetesListMapKeys();
      if (!keys.isEmpty()) {
        bounds.add("One for each `" + String.join("`, `", keys) + "`");
      }
      value(bounds, "Each ", field.getItems().getSchema());
    } else if (field.getAdditionalProperties() != null) {
      value(bounds, "Each ", field.getAdditionalProperties().getSchema());
    } else {
      value(bounds, "", field);
    }
    return bounds;
  }

  private static void value(List<String> bounds, String each, JSONSchemaProps schema) {
    if (!schema.getEnum().isEmpty()) {
      var values =
          schema.getEnum().stream()
              .map(value -> "`" + value.asText() + "`")
              .collect(Collectors.joining(", "));
      bounds.add(capital(each + "one of " + values));
    }
    boolean quantity = Boolean.TRUE.equals(schema.getXKubernetesIntOrString());
    if (quantity) {
      if (schema.getMinimum() != null && schema.getMinimum() == 0) {
        bounds.add(capital(each + "not negative"));
      }
      return; // its pattern is the syntax of quantities
    }
    if (schema.getMinimum() != null || schema.getMaximum() != null) {
      bounds.add(capital(each + range(schema.getMinimum(), schema.getMaximum())));
    }
    if (schema.getMinLength() != null || schema.getMaxLength() != null) {
      bounds.add(
          capital(each + range(schema.getMinLength(), schema.getMaxLength()) + " characters"));
    }
    if (schema.getPattern() != null) {
      bounds.add(capital(each + "matches `" + schema.getPattern() + "`"));
    }
  }

  private static void count(List<String> bounds, String what, Long least, Long most) {
    if (least != null || most != null) {
      bounds.add(capital(range(least, most) + " " + what));
    }
  }

  private static String range(Number least, Number most) {
    if (least == null) {
      return "at most " + plain(most);
    }
    return most == null ? "at least " + plain(least) : plain(least) + " to " + plain(most);
  }

  private static String plain(Number number) {
    double value = number.doubleValue();
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  private static String capital(String sentence) {
    return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
  }
}
