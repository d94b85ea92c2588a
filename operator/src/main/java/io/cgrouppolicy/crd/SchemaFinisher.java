package io.cgrouppolicy.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.cgrouppolicy.core.limits.LimitRangeRules;
import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.limits.ResourceNames;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.cgrouppolicy.core.policy.Glob;
import io.cgrouppolicy.core.policy.NodesRules;
import io.cgrouppolicy.core.policy.PolicyValidator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Completes the generated CRD with what the generator cannot express: list types, bounds on
/// strings and maps, patterns of list elements, the [AdmissionRules], and descriptions of types
/// from other libraries. Runs at build time only.
public class SchemaFinisher implements CRDPostProcessor {
  /// The order of the printer columns. The generator sorts them by name.
  private static final List<String> COLUMNS =
      List.of(
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

  private static final List<String> OPERATORS = List.of("In", "NotIn", "Exists", "DoesNotExist");

  private static final Map<String, String> FOREIGN_DESCRIPTIONS =
      Map.ofEntries(
          Map.entry("matchLabels", "Labels that must all be present with these values."),
          Map.entry("matchExpressions", "Requirements that must all be met."),
          Map.entry("key", "The label's key."),
          Map.entry("operator", "In, NotIn, Exists or DoesNotExist."),
          Map.entry("values", "The values for In and NotIn; none for the others."),
          Map.entry("type", "The type of the condition."),
          Map.entry("status", "True, False or Unknown."),
          Map.entry("reason", "The reason for the status, in CamelCase."),
          Map.entry("message", "A description of the status."),
          Map.entry("lastTransitionTime", "When the status last changed."),
          Map.entry("observedGeneration", "The generation that the condition describes."));

  @Override
  public HasMetadata process(HasMetadata resource, String version) {
    var crd = (CustomResourceDefinition) resource;
    crd.getSpec().getNames().setCategories(List.of("cgroup-policy"));
    var columns = crd.getSpec().getVersions().getFirst().getAdditionalPrinterColumns();
    columns.sort(Comparator.comparingInt(column -> COLUMNS.indexOf(column.getName())));
    var schema = crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    schema.setDescription(
        "CgroupPolicy defines what every namespace, workload and node must look like so that no"
            + " container can take down a node.");
    schema.setRequired(List.of("spec"));
    schema.getProperties().get("spec").setDescription("The desired state.");
    schema.getProperties().get("status").setDescription("The observed state.");
    finish(schema.getProperties().get("spec"));
    finish(schema.getProperties().get("status"));
    schema.setXKubernetesValidations(AdmissionRules.policy());
    schema.getProperties().get("spec").setXKubernetesValidations(AdmissionRules.spec());

    var spec = schema.getProperties().get("spec").getProperties();
    namespaces(spec.get("namespaces").getProperties());
    for (var list : spec.get("workloads").getProperties().values()) {
      if (list.getItems() != null) {
        list.setXKubernetesListType("set");
        bound(items(list), 317, "(" + ResourceNames.CONTAINER + ")");
        items(list).setXKubernetesValidations(LimitRules.containerResource());
      }
    }
    nodes(spec.get("nodes").getProperties());
    bound(spec.get("contact"), PolicyValidator.CONTACT_LENGTH, PolicyValidator.CONTACT);
    bound(spec.get("documentation"), PolicyValidator.URL_LENGTH, PolicyValidator.HTTPS_URL);
    exceptions(spec.get("exceptions"));
    status(schema.getProperties().get("status"));
    return crd;
  }

  private static void namespaces(Map<String, JSONSchemaProps> namespaces) {
    selector(namespaces.get("selector"));
    bound(items(namespaces.get("exclude")), 253, PolicyValidator.NAMESPACE_GLOB);
    namespaces.get("exclude").setXKubernetesListType("set");

    var limits = namespaces.get("limitRange").getProperties().get("limits");
    mapList(limits, "type");
    oneOf(items(limits).getProperties().get("type"), LimitRangeRules.TYPES);
    items(limits).setXKubernetesValidations(LimitRules.limitRangeItem());
    items(limits).getProperties().values().stream()
        .filter(property -> property.getAdditionalProperties() != null)
        .forEach(map -> map.setXKubernetesValidations(LimitRules.limits()));

    quota(namespaces.get("resourceQuota"));
    var quotas = namespaces.get("resourceQuotas");
    mapList(quotas, "name");
    bound(
        items(quotas).getProperties().get("name"),
        PolicyValidator.QUOTA_NAME_LENGTH,
        PolicyValidator.QUOTA_NAME);
    quota(items(quotas));
  }

  private static void quota(JSONSchemaProps quota) {
    quota.setXKubernetesValidations(LimitRules.resourceQuota());
    var hard = quota.getProperties().get("hard");
    hard.setMinProperties(1L);
    hard.setMaxProperties(128L); // there are many kinds for count/...
    hard.setXKubernetesValidations(LimitRules.hard());
    var scopes = quota.getProperties().get("scopes");
    scopes.setXKubernetesListType("set");
    oneOf(items(scopes), ResourceQuotaRules.SCOPES);
    var scopeSelector = quota.getProperties().get("scopeSelector");
    scopeSelector.setXKubernetesMapType("atomic");
    var requirements = scopeSelector.getProperties().get("matchExpressions");
    requirements.setXKubernetesListType("atomic");
    items(requirements).setXKubernetesValidations(LimitRules.scopeRequirement());
    var requirement = items(requirements).getProperties();
    oneOf(requirement.get("scopeName"), ResourceQuotaRules.SCOPES);
    oneOf(requirement.get("operator"), OPERATORS);
    requirement.get("values").setXKubernetesListType("atomic");
    bound(items(requirement.get("values")), 253, null);
  }

  private static void nodes(Map<String, JSONSchemaProps> nodes) {
    selector(nodes.get("selector"));
    var kubelet = nodes.get("kubelet").getProperties();
    var levels = kubelet.get("enforceNodeAllocatable");
    levels.setXKubernetesListType("set");
    levels.setXKubernetesValidations(KubeletRules.enforceNodeAllocatable());
    for (var field : List.of("systemReserved", "kubeReserved")) {
      kubelet.get(field).setXKubernetesValidations(KubeletRules.reserved());
      formula(kubelet.get(field + "Formula"));
    }
    for (var field : List.of("systemReservedCgroup", "kubeReservedCgroup")) {
      bound(kubelet.get(field), 512, NodesRules.CGROUP);
    }
    kubelet.get("config").setType("object");
    var bounds = kubelet.get("configBounds");
    mapList(bounds, "field");
    items(bounds).setXKubernetesValidations(KubeletRules.configBound());
    bound(items(bounds).getProperties().get("field"), 253, NodesRules.FIELD_PATH);
    items(bounds).getProperties().get("oneOf").setXKubernetesListType("set");
    var values = items(bounds).getProperties();
    for (var value :
        List.of(values.get("atLeast"), values.get("atMost"), items(values.get("oneOf")))) {
      value.setPattern(null); // any scalar, not a quantity
      value.setMinimum(null);
      value.setMaxLength(253L);
    }
    var pressure = nodes.get("pressure");
    pressure.setMinProperties(1L);
    pressure.getProperties().values().forEach(thresholds -> thresholds.setMinProperties(1L));
  }

  private static void formula(JSONSchemaProps formula) {
    formula.setXKubernetesValidations(KubeletRules.formula());
    var resources = formula.getProperties().get("resources");
    resources.setMaxProperties(4L);
    resources.setXKubernetesValidations(KubeletRules.formulas());
    var resource = resources.getAdditionalProperties().getSchema();
    resource.setXKubernetesValidations(KubeletRules.resourceFormula());
    var tiers = resource.getProperties().get("tiers");
    tiers.setXKubernetesListType("atomic");
    tiers.setXKubernetesValidations(KubeletRules.tiers());
  }

  private static void exceptions(JSONSchemaProps exceptions) {
    exceptions.setXKubernetesListType("atomic");
    items(exceptions).setXKubernetesValidations(AdmissionRules.exception());
    var exception = items(exceptions).getProperties();
    bound(items(exception.get("namespaces")), 253, PolicyValidator.NAMESPACE_GLOB);
    bound(items(exception.get("nodes")), 253, Glob.SYNTAX);
    for (var field : List.of("namespaces", "nodes")) {
      exception.get(field).setXKubernetesListType("set");
    }
    exception.get("reason").setPattern("\\S");
    // The format alone accepts impossible times, such as an offset of 99 hours.
    exception.get("expires").setFormat("date-time");
    bound(exception.get("expires"), 35, PolicyValidator.TIME);
  }

  private static void status(JSONSchemaProps schema) {
    // With this default, kstatus (of Flux, Helm and others) reports a policy as in progress until
    // an operator has seen it. Without a status, it considers any object done.
    schema.setDefault(JsonNodeFactory.instance.objectNode().put("observedGeneration", -1));
    var status = schema.getProperties();
    mapList(status.get("conditions"), "type");
    items(status.get("conditions")).setRequired(List.of("type", "status"));
    status.get("violationsByCheck").setMaxProperties(100L);
    status.get("violations").setMaxItems(100L);
    status.get("violations").setXKubernetesListType("atomic");
  }

  private static void selector(JSONSchemaProps selector) {
    selector.setXKubernetesMapType("atomic");
    var labels = selector.getProperties().get("matchLabels");
    labels.setXKubernetesValidations(AdmissionRules.matchLabels());
    labelValue(labels.getAdditionalProperties().getSchema());
    var requirements = selector.getProperties().get("matchExpressions");
    requirements.setMaxItems(32L);
    requirements.setXKubernetesListType("atomic");
    items(requirements).setXKubernetesValidations(AdmissionRules.labelRequirement());
    items(requirements).setRequired(List.of("key", "operator"));
    var requirement = items(requirements).getProperties();
    bound(requirement.get("key"), 317, PolicyValidator.LABEL_KEY);
    oneOf(requirement.get("operator"), OPERATORS);
    requirement.get("values").setMaxItems(256L);
    requirement.get("values").setXKubernetesListType("atomic");
    labelValue(items(requirement.get("values")));
  }

  private static void labelValue(JSONSchemaProps value) {
    value.setMaxLength(63L);
    value.setPattern("^" + PolicyValidator.LABEL_VALUE + "$");
  }

  private static void mapList(JSONSchemaProps list, String key) {
    list.setXKubernetesListType("map");
    list.setXKubernetesListMapKeys(List.of(key));
  }

  private static JSONSchemaProps items(JSONSchemaProps list) {
    return list.getItems().getSchema();
  }

  private static void bound(JSONSchemaProps string, long length, String syntax) {
    string.setMinLength(1L);
    string.setMaxLength(length);
    if (syntax != null) {
      string.setPattern("^" + syntax + "$");
    }
  }

  private static void oneOf(JSONSchemaProps string, Collection<String> values) {
    string.setEnum(values.stream().sorted().<JsonNode>map(TextNode::valueOf).toList());
  }

  /// Adds bounds to maps and quantities, and descriptions to fields of foreign types, recursively.
  private static void finish(JSONSchemaProps schema) {
    if (Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
      schema.setPattern("^" + Quantities.SYNTAX + "$");
      schema.setMaxLength(32L);
      schema.setMinimum(0.0); // for integers
    }
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
    }
  }
}
