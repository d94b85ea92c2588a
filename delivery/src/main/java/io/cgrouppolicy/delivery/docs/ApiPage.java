package io.cgrouppolicy.delivery.docs;

import io.cgrouppolicy.delivery.CrdFile;
import io.cgrouppolicy.delivery.Generated;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// docs/api.md: every field of the CRD, with a section for each object and its validation rules.
public final class ApiPage implements Generated {
  /// Longer rules are only in the CRD.
  private static final int SHORT_RULE = 110;

  @Override
  public Map<Path, String> files() throws IOException {
    return Map.of(Path.of("docs/api.md"), render(CrdFile.built()));
  }

  /// The page of a CRD's first version.
  static String render(String crd) {
    var definition = Serialization.unmarshal(crd, CustomResourceDefinition.class);
    var version = definition.getSpec().getVersions().getFirst();
    var root = version.getSchema().getOpenAPIV3Schema();
    var page = new StringBuilder(head(definition, version, root));
    section(page, "", "", root);
    return page.toString();
  }

  private static String head(
      CustomResourceDefinition definition,
      CustomResourceDefinitionVersion version,
      JSONSchemaProps root) {
    var names = definition.getSpec().getNames();
    return """
        # API reference

        %s

        | | |
        |---|---|
        | apiVersion | `%s/%s` |
        | kind | `%s`, %s |
        | kubectl | `%s` |
        | printed columns | %s |

        `[]` is an item of a list. Fields are optional unless they are required. Rules are CEL expressions, which the API server evaluates
        on each write; long ones are only in the [CRD](../%s). This page is generated from the CRD (`make manifests`).
        """
        .formatted(
            root.getDescription(),
            definition.getSpec().getGroup(),
            version.getName(),
            names.getKind(),
            definition.getSpec().getScope().equals("Cluster") ? "cluster-scoped" : "namespaced",
            Stream.of(
                    List.of(names.getPlural(), names.getSingular()),
                    names.getShortNames(),
                    names.getCategories())
                .flatMap(List::stream)
                .collect(Collectors.joining("`, `")),
            String.join(
                ", ",
                version.getAdditionalPrinterColumns().stream()
                    .map(CustomResourceColumnDefinition::getName)
                    .toList()),
            CrdFile.FILE);
  }

  /// The section of an object, then those of the objects in it.
  ///
  /// @param path of the object, empty for the policy itself
  private static void section(
      StringBuilder page, String path, String description, JSONSchemaProps object) {
    if (!path.isEmpty()) {
      page.append("\n## ").append(path).append('\n');
    }
    if (!description.isEmpty()) {
      page.append('\n').append(description).append('\n');
    }
    page.append("\n| field | type | | |\n|---|---|---|---|\n");
    object
        .getProperties()
        .forEach(
            (name, field) ->
                page.append("| ")
                    .append(
                        String.join(
                            " | ",
                            "`" + within(path, name) + "`",
                            type(path, name, field),
                            presence(object, name, field),
                            meaning(field)))
                    .append(" |\n"));
    rules(page, path, object);
    object
        .getProperties()
        .forEach(
            (name, field) -> {
              if (hasFields(itemOf(field))) {
                section(page, place(path, name, field), described(field), itemOf(field));
              }
            });
  }

  /// The path of a nested object: that of a field, or of its items.
  private static String place(String path, String name, JSONSchemaProps field) {
    return within(path, name) + (field.getItems() == null ? "" : "[]");
  }

  private static String described(JSONSchemaProps field) {
    return field.getDescription() == null ? "" : field.getDescription();
  }

  private static String within(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static JSONSchemaProps itemOf(JSONSchemaProps field) {
    return field.getItems() == null ? field : field.getItems().getSchema();
  }

  private static boolean hasFields(JSONSchemaProps schema) {
    return schema.getProperties() != null && !schema.getProperties().isEmpty();
  }

  private static String type(String path, String name, JSONSchemaProps field) {
    if (hasFields(itemOf(field))) {
      return "[%s](#%s)"
          .formatted(
              field.getItems() == null ? "object" : "list of objects",
              Anchors.of(place(path, name, field)));
    }
    if (field.getItems() != null) {
      boolean set = "set".equals(field.getXKubernetesListType());
      return (set ? "set of " : "list of ") + plural(simple(itemOf(field)));
    }
    if (field.getAdditionalProperties() != null) {
      return "map of " + plural(simple(field.getAdditionalProperties().getSchema()));
    }
    return simple(field);
  }

  private static String plural(String type) {
    return type.equals("quantity") ? "quantities" : type + "s";
  }

  private static String simple(JSONSchemaProps schema) {
    if (Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
      return "quantity";
    }
    if (Boolean.TRUE.equals(schema.getXKubernetesPreserveUnknownFields())) {
      return "object with any fields";
    }
    return "date-time".equals(schema.getFormat()) ? "time" : schema.getType();
  }

  private static String presence(JSONSchemaProps object, String name, JSONSchemaProps field) {
    if (object.getRequired().contains(name)) {
      return "required";
    }
    var value = field.getDefault();
    if (value == null || value.isNull()) {
      return "";
    }
    return "default `" + (value.isValueNode() ? value.asText() : value) + "`";
  }

  private static String meaning(JSONSchemaProps field) {
    var text = new StringBuilder(described(field));
    for (var bound : SchemaBounds.of(field)) {
      text.append(text.isEmpty() ? "" : " ").append(bound).append('.');
    }
    return text.toString().replace("|", "\\|");
  }

  private static void rules(StringBuilder page, String path, JSONSchemaProps object) {
    var lines = new StringBuilder();
    rules(lines, "", object.getXKubernetesValidations());
    object
        .getProperties()
        .forEach(
            (name, field) -> {
              if (!hasFields(field)) {
                rules(lines, "`" + name + "`: ", field.getXKubernetesValidations());
              }
            });
    if (!lines.isEmpty()) {
      page.append("\nRules").append(path.isEmpty() ? " of a policy:\n\n" : ":\n\n").append(lines);
    }
  }

  private static void rules(StringBuilder lines, String of, List<ValidationRule> rules) {
    for (var rule : rules) {
      lines.append("- ").append(of).append(rule.getMessage());
      if (rule.getRule().length() <= SHORT_RULE) {
        lines.append(" (`").append(rule.getRule()).append("`)");
      }
      lines.append('\n');
    }
  }
}
