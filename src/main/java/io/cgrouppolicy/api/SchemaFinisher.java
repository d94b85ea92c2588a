package io.cgrouppolicy.api;

import io.cgrouppolicy.limits.Quantities;
import io.cgrouppolicy.policy.Glob;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Adds to the generated CRD what the generator cannot say: list types, bounds on strings and maps
/// (without which the API server refuses CEL rules as too costly), patterns of list elements, and
/// the descriptions of types that are not ours. Runs at build time only.
public class SchemaFinisher implements CRDPostProcessor {
  private static final String GLOB = "^" + Glob.SYNTAX + "$";
  private static final String QUANTITY = "^" + Quantities.SYNTAX + "$";

  /// The generator sorts the columns by name; the age comes last everywhere else.
  private static final List<String> COLUMNS =
      List.of("Mode", "Ready", "Compliant", "Namespaces", "Nodes", "Violations", "Age");

  private static final Map<String, String> FOREIGN_DESCRIPTIONS =
      Map.ofEntries(
          Map.entry("matchLabels", "Labels that must all be present with these values."),
          Map.entry("matchExpressions", "Requirements, all of which must be met."),
          Map.entry("key", "The label's key."),
          Map.entry("operator", "In, NotIn, Exists or DoesNotExist."),
          Map.entry("values", "The values for In and NotIn; none for the others."),
          Map.entry("type", "The type of the condition."),
          Map.entry("status", "True, False or Unknown."),
          Map.entry("reason", "A CamelCase word for the state."),
          Map.entry("message", "The state in a sentence."),
          Map.entry("lastTransitionTime", "When the status last changed."),
          Map.entry("observedGeneration", "The generation that the condition speaks of."));

  @Override
  public HasMetadata process(HasMetadata resource, String version) {
    var crd = (CustomResourceDefinition) resource;
    crd.getSpec().getNames().setCategories(List.of("cgroup-policy"));
    var columns = crd.getSpec().getVersions().getFirst().getAdditionalPrinterColumns();
    columns.sort(Comparator.comparingInt(column -> COLUMNS.indexOf(column.getName())));
    var schema = crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    schema.setDescription(
        "CgroupPolicy says what every namespace, workload and node must look like so that no"
            + " container can take a node down.");
    schema.setRequired(List.of("spec"));
    schema.getProperties().get("spec").setDescription("What is wanted.");
    schema.getProperties().get("status").setDescription("What the operator found.");
    finish(schema.getProperties().get("spec"));
    finish(schema.getProperties().get("status"));

    var spec = schema.getProperties().get("spec").getProperties();
    var namespaces = spec.get("namespaces").getProperties();
    bound(namespaces.get("exclude").getItems(), 253, GLOB);
    namespaces.get("exclude").setXKubernetesListType("set");
    mapList(namespaces.get("limitRange").getProperties().get("limits"), "type");
    for (var field : List.of("namespaces", "nodes")) {
      bound(exceptions(spec).get(field).getItems(), 253, GLOB);
    }
    exceptions(spec).get("expires").setFormat("date-time");
    for (var selector :
        List.of(namespaces.get("selector"), spec.get("nodes").getProperties().get("selector"))) {
      selector.setXKubernetesMapType("atomic");
    }
    var status = schema.getProperties().get("status").getProperties();
    mapList(status.get("conditions"), "type");
    status.get("conditions").getItems().getSchema().setRequired(List.of("type", "status"));
    status.get("violations").setMaxItems(100L);
    status.get("violations").setXKubernetesListType("atomic");
    return crd;
  }

  private static Map<String, JSONSchemaProps> exceptions(Map<String, JSONSchemaProps> spec) {
    return spec.get("exceptions").getItems().getSchema().getProperties();
  }

  private static void mapList(JSONSchemaProps list, String key) {
    list.setXKubernetesListType("map");
    list.setXKubernetesListMapKeys(List.of(key));
  }

  private static void bound(
      io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsOrArray items,
      long length,
      String pattern) {
    items.getSchema().setMinLength(1L);
    items.getSchema().setMaxLength(length);
    items.getSchema().setPattern(pattern);
  }

  /// Walks a schema: maps get a bound, and fields of foreign types their description.
  private static void finish(JSONSchemaProps schema) {
    if (schema.getProperties() != null) {
      schema
          .getProperties()
          .forEach(
              (name, property) -> {
                if (property.getDescription() == null) {
                  property.setDescription(FOREIGN_DESCRIPTIONS.get(name));
                }
                finish(property);
              });
    }
    if (schema.getItems() != null && schema.getItems().getSchema() != null) {
      finish(schema.getItems().getSchema());
    }
    var values = schema.getAdditionalProperties();
    if (values != null && values.getSchema() != null) {
      schema.setMaxProperties(32L);
      finish(values.getSchema());
      if (Boolean.TRUE.equals(values.getSchema().getXKubernetesIntOrString())) {
        values.getSchema().setPattern(QUANTITY);
      }
    }
  }
}
