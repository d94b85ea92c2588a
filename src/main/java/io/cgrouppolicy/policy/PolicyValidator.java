package io.cgrouppolicy.policy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec;
import io.cgrouppolicy.api.v1alpha1.ExceptionSpec;
import io.cgrouppolicy.api.v1alpha1.NamespacesSpec;
import io.cgrouppolicy.compliance.Check;
import io.cgrouppolicy.limits.LimitRangeRules;
import io.cgrouppolicy.limits.ResourceQuotaRules;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Says what makes a policy impossible. The CRD's schema refuses most of it at admission; this is
/// for what it cannot express, and for policies that were stored under an older schema.
public final class PolicyValidator {
  private static final Pattern LABEL_VALUE =
      Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
  private static final Pattern LABEL_KEY =
      Pattern.compile("([-a-z0-9.]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
  private static final Pattern GLOB = Pattern.compile(Glob.SYNTAX);

  private final List<Problem> problems = new ArrayList<>();

  private PolicyValidator() {}

  /// The problems of a policy, in the order of its fields; none when it can be carried out.
  public static List<Problem> validate(CgroupPolicySpec spec) {
    if (spec == null) {
      return List.of(new Problem("spec", "is required"));
    }
    var validator = new PolicyValidator();
    if (spec.namespaces() != null) {
      validator.namespaces(spec.namespaces());
    }
    if (spec.workloads() != null && spec.namespaces() == null) {
      validator.add("spec.workloads", "needs spec.namespaces, which says whose pods are meant");
    }
    if (spec.nodes() != null) {
      validator.selector("spec.nodes.selector", spec.nodes().selector());
    }
    var exceptions = spec.exceptions() == null ? List.<ExceptionSpec>of() : spec.exceptions();
    for (int i = 0; i < exceptions.size(); i++) {
      validator.exception("spec.exceptions[" + i + "]", exceptions.get(i));
    }
    return List.copyOf(validator.problems);
  }

  private void namespaces(NamespacesSpec namespaces) {
    selector("spec.namespaces.selector", namespaces.selector());
    globs("spec.namespaces.exclude", namespaces.exclude());
    if (namespaces.limitRange() != null) {
      problems.addAll(
          LimitRangeRules.problems("spec.namespaces.limitRange", namespaces.limitRange()));
    }
    if (namespaces.resourceQuota() != null) {
      problems.addAll(
          ResourceQuotaRules.problems("spec.namespaces.resourceQuota", namespaces.resourceQuota()));
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
    if (key == null || !LABEL_KEY.matcher(key).matches()) {
      add(field, "'" + key + "' is not a label key");
    }
  }

  private void labelValue(String field, String value) {
    if (value == null || value.length() > 63 || !LABEL_VALUE.matcher(value).matches()) {
      add(field, "'" + value + "' is not a label value");
    }
  }

  private void globs(String field, List<String> globs) {
    for (int i = 0; globs != null && i < globs.size(); i++) {
      if (globs.get(i) == null || !GLOB.matcher(globs.get(i)).matches()) {
        add(field + "[" + i + "]", "'" + globs.get(i) + "' is neither a name nor a glob");
      }
    }
  }

  private void exception(String field, ExceptionSpec exception) {
    globs(field + ".namespaces", exception.namespaces());
    globs(field + ".nodes", exception.nodes());
    if (exception.expires() != null) {
      try {
        OffsetDateTime.parse(exception.expires());
      } catch (DateTimeParseException e) {
        add(field + ".expires", "'" + exception.expires() + "' is not an RFC 3339 time");
      }
    }
    var area = exception.check() == null ? null : exception.check().area();
    if (area == Check.Area.NAMESPACES && empty(exception.namespaces())) {
      add(field + ".namespaces", "must be set: " + exception.check() + " is about namespaces");
    }
  }

  private static boolean empty(List<?> list) {
    return list == null || list.isEmpty();
  }

  private void add(String field, String message) {
    problems.add(new Problem(field, message));
  }
}
