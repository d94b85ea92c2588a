package io.cgrouppolicy.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionSpec;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Tests what users and tools expect of the committed CRD, except for its rules.
class CrdTest {
  private static final Path FILE = Path.of("crds/cgroup-policy.io_cgrouppolicies.yaml");

  private static CustomResourceDefinitionSpec spec;

  /// Every schema below the root by its path, such as `spec.exceptions[].check`.
  private static final Map<String, JSONSchemaProps> SCHEMAS = new TreeMap<>();

  @BeforeAll
  static void read() throws IOException {
    spec =
        Serialization.unmarshal(Files.readString(FILE), CustomResourceDefinition.class).getSpec();
    collect("", spec.getVersions().getFirst().getSchema().getOpenAPIV3Schema());
  }

  private static void collect(String path, JSONSchemaProps schema) {
    if (schema.getProperties() != null) {
      schema
          .getProperties()
          .forEach((name, property) -> add(path.isEmpty() ? name : path + "." + name, property));
    }
    if (schema.getItems() != null) {
      add(path + "[]", schema.getItems().getSchema());
    }
    if (schema.getAdditionalProperties() != null) {
      add(path + "{}", schema.getAdditionalProperties().getSchema());
    }
  }

  private static void add(String path, JSONSchemaProps schema) {
    SCHEMAS.put(path, schema);
    collect(path, schema);
  }

  @Test
  void everyFieldIsDescribed() {
    assertThat(SCHEMAS).containsKeys("spec.namespaces.limitRange.limits[].default{}");
    SCHEMAS.forEach(
        (path, schema) -> {
          if (!path.endsWith("[]") && !path.endsWith("{}")) {
            assertThat(schema.getDescription()).as(path).isNotBlank().endsWith(".");
          }
        });
  }

  @Test
  void everyListSaysHowItIsMerged() {
    var types = new TreeMap<String, String>();
    SCHEMAS.forEach(
        (path, schema) -> {
          if ("array".equals(schema.getType())) {
            var keys = schema.getXKubernetesListMapKeys();
            types.put(
                path,
                schema.getXKubernetesListType()
                    + (keys == null || keys.isEmpty() ? "" : " by " + String.join(",", keys)));
          }
        });
    assertThat(types)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("spec.exceptions", "atomic"),
                Map.entry("spec.exceptions[].namespaces", "set"),
                Map.entry("spec.exceptions[].nodes", "set"),
                Map.entry("spec.namespaces.exclude", "set"),
                Map.entry("spec.namespaces.limitRange.limits", "map by type"),
                Map.entry("spec.namespaces.resourceQuota.scopes", "set"),
                Map.entry("spec.namespaces.resourceQuota.scopeSelector.matchExpressions", "atomic"),
                Map.entry(
                    "spec.namespaces.resourceQuota.scopeSelector.matchExpressions[].values",
                    "atomic"),
                Map.entry("spec.namespaces.resourceQuotas", "map by name"),
                Map.entry("spec.namespaces.resourceQuotas[].scopes", "set"),
                Map.entry(
                    "spec.namespaces.resourceQuotas[].scopeSelector.matchExpressions", "atomic"),
                Map.entry(
                    "spec.namespaces.resourceQuotas[].scopeSelector.matchExpressions[].values",
                    "atomic"),
                Map.entry("spec.namespaces.selector.matchExpressions", "atomic"),
                Map.entry("spec.namespaces.selector.matchExpressions[].values", "atomic"),
                Map.entry("spec.nodes.kubelet.enforceNodeAllocatable", "set"),
                Map.entry("spec.nodes.kubelet.kubeReservedFormula.resources{}.tiers", "atomic"),
                Map.entry("spec.nodes.kubelet.systemReservedFormula.resources{}.tiers", "atomic"),
                Map.entry("spec.nodes.kubelet.configBounds", "map by field"),
                Map.entry("spec.nodes.kubelet.configBounds[].oneOf", "set"),
                Map.entry("spec.nodes.selector.matchExpressions", "atomic"),
                Map.entry("spec.nodes.selector.matchExpressions[].values", "atomic"),
                Map.entry("spec.workloads.requireLimits", "set"),
                Map.entry("spec.workloads.requireRequests", "set"),
                Map.entry("status.conditions", "map by type"),
                Map.entry("status.violations", "atomic")));
  }

  @Test
  void selectorsAreReplacedAsAWhole() {
    assertThat(
            List.of(
                "spec.namespaces.selector",
                "spec.nodes.selector",
                "spec.namespaces.resourceQuota.scopeSelector",
                "spec.namespaces.resourceQuotas[].scopeSelector"))
        .allSatisfy(
            path -> assertThat(SCHEMAS.get(path).getXKubernetesMapType()).isEqualTo("atomic"));
  }

  @Test
  void everythingInTheSpecIsBounded() {
    var unbounded = new ArrayList<String>();
    SCHEMAS.forEach(
        (path, schema) -> {
          boolean bounded =
              switch (schema.getType()) {
                case "array" -> schema.getMaxItems() != null;
                case "string" -> schema.getMaxLength() != null || !schema.getEnum().isEmpty();
                case "object" ->
                    schema.getAdditionalProperties() == null || schema.getMaxProperties() != null;
                case null -> schema.getMaxLength() != null;
                default -> true;
              };
          if (path.startsWith("spec") && !bounded) {
            unbounded.add(path);
          }
        });
    assertThat(unbounded).isEmpty();
  }

  @Test
  void everyRuleHasAMessage() {
    var rules =
        SCHEMAS.values().stream()
            .flatMap(schema -> schema.getXKubernetesValidations().stream())
            .toList();
    assertThat(rules)
        .hasSizeGreaterThan(30)
        .allSatisfy(rule -> assertThat(rule.getMessage()).isNotBlank());
  }

  @Test
  void fewFieldsHaveDefaults() {
    var defaults = new TreeMap<String, String>();
    SCHEMAS.forEach(
        (path, schema) -> {
          if (schema.getDefault() != null) {
            var value = schema.getDefault();
            defaults.put(path, value.isValueNode() ? value.asText() : value.toString());
          }
        });
    assertThat(defaults)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "spec.deletionPolicy", "Delete",
                "spec.mode", "Audit",
                "spec.namespaces.includeSystem", "false",
                "spec.priority", "0",
                "spec.rollout", "Immediate",
                "status", "{\"observedGeneration\":-1}"));
  }

  @Test
  void kubectlKnowsItsNamesAndColumns() {
    assertThat(spec.getScope()).isEqualTo("Cluster");
    assertThat(spec.getNames().getShortNames()).containsExactly("cgp");
    assertThat(spec.getNames().getCategories()).containsExactly("cgroup-policy");
    assertThat(spec.getVersions().getFirst().getAdditionalPrinterColumns())
        .extracting(CustomResourceColumnDefinition::getName)
        .containsExactly(
            "Mode",
            "Ready",
            "Compliant",
            "Namespaces",
            "Nodes",
            "Violations",
            "Age",
            "Waiting",
            "Would-Reject",
            "Unknown-Nodes",
            "Reason",
            "Message");
  }

  /// Client-side apply stores a copy in an annotation; annotations are limited to 262,144 bytes.
  @Test
  void isSmallEnoughForClientSideApply() throws IOException {
    assertThat(Files.size(FILE)).isLessThan(200_000);
  }
}
