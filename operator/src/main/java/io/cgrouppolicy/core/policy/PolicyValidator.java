package io.cgrouppolicy.core.policy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec;
import io.cgrouppolicy.api.v1alpha1.ExceptionSpec;
import io.cgrouppolicy.api.v1alpha1.NamedResourceQuota;
import io.cgrouppolicy.api.v1alpha1.NamespacesSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.limits.LimitRangeRules;
import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.limits.ResourceNames;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/// Finds what makes a policy invalid. The CRD's schema rejects most of it at admission; this covers
/// what the schema cannot express, and policies stored under an older schema.
public final class PolicyValidator {
  /// Regular expressions for whole strings that work in both RE2 (in the CRD) and Java.
  public static final String LABEL_VALUE = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";

  public static final String LABEL_KEY =
      "([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
          + "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

  /// A [Glob] for namespaces, whose names have no dots.
  public static final String NAMESPACE_GLOB = "[a-z0-9*?]([-a-z0-9*?]*[a-z0-9*?])?";

  public static final String QUOTA_NAME = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

  /// With the prefix, the name of the object is still a DNS label.
  public static final int QUOTA_NAME_LENGTH = 63 - Child.quotaName("").length();

  /// RFC 3339, with offsets that exist.
  public static final String TIME =
      "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?"
          + "([Zz]|[+-](0[0-9]|1[0-7]):[0-5][0-9])";

  /// A character that is visible and that no terminal interprets.
  private static final String VISIBLE = "[^\\s\\p{Z}\\p{Cc}\\p{Cf}]";

  /// Words on one line.
  public static final String CONTACT = VISIBLE + "+( " + VISIBLE + "+)*";

  public static final int CONTACT_LENGTH = 128;

  public static final String HTTPS_URL =
      "https://[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:[0-9]{1,5})?([/?#]" + VISIBLE + "*)?";

  public static final int URL_LENGTH = 256;

  private static final int LABEL_PREFIX_LENGTH = 253;

  private static final Pattern LABEL_VALUES = Pattern.compile(LABEL_VALUE);
  private static final Pattern LABEL_KEYS = Pattern.compile(LABEL_KEY);
  private static final Pattern NAMESPACE_GLOBS = Pattern.compile(NAMESPACE_GLOB);
  private static final Pattern QUOTA_NAMES = Pattern.compile(QUOTA_NAME);
  private static final Pattern NODE_GLOBS = Pattern.compile(Glob.SYNTAX);

  private final List<Problem> problems = new ArrayList<>();

  private PolicyValidator() {}

  /// Returns the problems in the order of the fields; empty for a valid policy.
  public static List<Problem> validate(CgroupPolicySpec spec) {
    if (spec == null) {
      return List.of(new Problem("spec", "is required"));
    }
    var validator = new PolicyValidator();
    if (spec.namespaces() != null) {
      validator.namespaces(spec.namespaces());
    }
    if (spec.workloads() != null && spec.namespaces() == null) {
      validator.add("spec.workloads", "requires spec.namespaces, which selects the pods");
    }
    if (spec.workloads() != null) {
      validator.resources("spec.workloads.requireLimits", spec.workloads().requireLimits());
      validator.resources("spec.workloads.requireRequests", spec.workloads().requireRequests());
    }
    if (spec.nodes() != null) {
      validator.nodes(spec.nodes());
    }
    validator.text("spec.contact", spec.contact(), CONTACT, CONTACT_LENGTH, "a line of words");
    validator.text(
        "spec.documentation", spec.documentation(), HTTPS_URL, URL_LENGTH, "an https URL");
    var exceptions = spec.exceptions() == null ? List.<ExceptionSpec>of() : spec.exceptions();
    for (int i = 0; i < exceptions.size(); i++) {
      validator.exception("spec.exceptions[" + i + "]", exceptions.get(i));
    }
    return List.copyOf(validator.problems);
  }

  private void text(String field, String value, String syntax, int length, String what) {
    if (value != null
        && (value.codePointCount(0, value.length()) > length || !value.matches(syntax))) {
      add(field, "must be " + what + " of at most " + length + " characters");
    }
  }

  private void namespaces(NamespacesSpec namespaces) {
    selector("spec.namespaces.selector", namespaces.selector());
    globs("spec.namespaces.exclude", namespaces.exclude(), NAMESPACE_GLOBS);
    if (namespaces.limitRange() != null) {
      problems.addAll(
          LimitRangeRules.problems("spec.namespaces.limitRange", namespaces.limitRange()));
    }
    if (namespaces.resourceQuota() != null) {
      problems.addAll(
          ResourceQuotaRules.problems("spec.namespaces.resourceQuota", namespaces.resourceQuota()));
    }
    quotas("spec.namespaces.resourceQuotas", namespaces.namedQuotas(), namespaces.resourceQuota());
  }

  private void quotas(String field, List<NamedResourceQuota> quotas, ResourceQuotaTemplate usual) {
    var names = new HashSet<String>();
    int created = quotas.size() + (usual == null ? 0 : 1);
    for (int i = 0; i < quotas.size(); i++) {
      var at = field + "[" + i + "]";
      var name = quotas.get(i).name();
      if (name == null
          || name.length() > QUOTA_NAME_LENGTH
          || !QUOTA_NAMES.matcher(name).matches()) {
        add(at + ".name", "must be a DNS label of at most " + QUOTA_NAME_LENGTH + " characters");
      } else if (!names.add(name)) {
        add(at + ".name", "'" + name + "' is the name of another entry");
      }
      var template = quotas.get(i).template();
      problems.addAll(ResourceQuotaRules.problems(at, template));
      ownQuotas(at, template, created);
    }
    if (usual != null && !quotas.isEmpty()) {
      ownQuotas("spec.namespaces.resourceQuota", usual, created);
    }
  }

  /// Checks that a quota on ResourceQuotas admits those of the policy.
  private void ownQuotas(String field, ResourceQuotaTemplate quota, int created) {
    if (quota.hard() == null) {
      return;
    }
    for (var name : List.of("resourcequotas", "count/resourcequotas")) {
      var hard = quota.hard().get(name);
      if (hard != null
          && Quantities.parse(hard.toString())
              .filter(number -> number.compareTo(BigDecimal.valueOf(created)) < 0)
              .isPresent()) {
        add(
            field + ".hard[" + name + "]",
            "is " + hard + ", but the policy itself creates " + created);
      }
    }
  }

  private void resources(String field, List<String> resources) {
    for (int i = 0; resources != null && i < resources.size(); i++) {
      if (resources.get(i) == null
          || !ResourceNames.fitsLimitRange("Container", resources.get(i))) {
        add(field + "[" + i + "]", "'" + resources.get(i) + "' is not a resource of a container");
      }
    }
  }

  private void nodes(NodesSpec nodes) {
    selector("spec.nodes.selector", nodes.selector());
    if (nodes.kubelet() != null) {
      problems.addAll(NodesRules.kubelet("spec.nodes.kubelet", nodes.kubelet()));
    }
    if (nodes.pressure() != null) {
      problems.addAll(NodesRules.pressure("spec.nodes.pressure", nodes.pressure()));
    }
  }

  private void selector(String field, LabelSelector selector) {
    if (selector == null) {
      add(field, "is required; {} selects all");
      return;
    }
    if (selector.getMatchLabels() != null) {
      selector
          .getMatchLabels()
          .forEach(
              (key, value) -> {
                labelKey(field + ".matchLabels", key);
                labelValue(field + ".matchLabels[" + key + "]", value);
              });
    }
    var expressions = selector.getMatchExpressions();
    for (int i = 0; expressions != null && i < expressions.size(); i++) {
      var at = field + ".matchExpressions[" + i + "]";
      var requirement = expressions.get(i);
      labelKey(at + ".key", requirement.getKey());
      var values = requirement.getValues();
      boolean hasValues = values != null && !values.isEmpty();
      switch (requirement.getOperator()) {
        case "In", "NotIn" -> {
          if (!hasValues) {
            add(at + ".values", "must be set for operator " + requirement.getOperator());
          }
        }
        case "Exists", "DoesNotExist" -> {
          if (hasValues) {
            add(at + ".values", "must not be set for operator " + requirement.getOperator());
          }
        }
        case null, default ->
            add(
                at + ".operator",
                "must be In, NotIn, Exists or DoesNotExist, not " + requirement.getOperator());
      }
      for (int v = 0; hasValues && v < values.size(); v++) {
        labelValue(at + ".values[" + v + "]", values.get(v));
      }
    }
  }

  private void labelKey(String field, String key) {
    if (key == null
        || key.indexOf('/') > LABEL_PREFIX_LENGTH
        || !LABEL_KEYS.matcher(key).matches()) {
      add(field, "'" + key + "' is not a label key");
    }
  }

  private void labelValue(String field, String value) {
    if (value == null || value.length() > 63 || !LABEL_VALUES.matcher(value).matches()) {
      add(field, "'" + value + "' is not a label value");
    }
  }

  private void globs(String field, List<String> globs, Pattern syntax) {
    for (int i = 0; globs != null && i < globs.size(); i++) {
      if (globs.get(i) == null || !syntax.matcher(globs.get(i)).matches()) {
        add(field + "[" + i + "]", "'" + globs.get(i) + "' is not a name or glob");
      }
    }
  }

  private void exception(String field, ExceptionSpec exception) {
    globs(field + ".namespaces", exception.namespaces(), NAMESPACE_GLOBS);
    globs(field + ".nodes", exception.nodes(), NODE_GLOBS);
    if (exception.reason() == null || exception.reason().isBlank()) {
      add(field + ".reason", "is required");
    }
    if (exception.expires() != null) {
      try {
        OffsetDateTime.parse(exception.expires());
      } catch (DateTimeParseException e) {
        add(field + ".expires", "'" + exception.expires() + "' is not an RFC 3339 time");
      }
    }
    if (exception.check() == null) {
      add(field + ".check", "is required");
      return;
    }
    boolean ofNamespaces =
        switch (exception.check().area()) {
          case NAMESPACES, WORKLOADS -> true;
          case NODES, PRESSURE -> false;
        };
    var needed = ofNamespaces ? exception.namespaces() : exception.nodes();
    var other = ofNamespaces ? exception.nodes() : exception.namespaces();
    if (empty(needed) || !empty(other)) {
      add(
          field,
          ofNamespaces
              ? "an exception from this check must list namespaces and no nodes"
              : "an exception from this check must list nodes and no namespaces");
    }
  }

  private static boolean empty(List<?> list) {
    return list == null || list.isEmpty();
  }

  private void add(String field, String message) {
    problems.add(new Problem(field, message));
  }
}
