package io.cgrouppolicy.cli.explain;

import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.Glob;
import io.cgrouppolicy.core.policy.Labels;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Says in words why a policy selects a namespace, or why not.
final class Selections {
  private Selections() {}

  /// Why a policy does not select the namespace.
  static String whyNot(
      PolicyBook book, CompiledPolicy policy, String namespace, Map<String, String> labels) {
    if (!policy.valid()) {
      return "it is invalid: "
          + policy.problems().stream().map(Problem::toString).collect(Collectors.joining("; "));
    }
    if (policy.spec().namespaces() == null) {
      return "it has no spec.namespaces";
    }
    if (Glob.anyMatches(policy.exclude(), namespace)) {
      return "its spec.namespaces.exclude names the namespace";
    }
    var selector = policy.spec().namespaces().selector();
    if (selector == null) {
      return "it has no spec.namespaces.selector";
    }
    var unmet =
        requirements(selector).stream()
            .filter(one -> !Labels.match(one, labels))
            .map(one -> "%s, but %s".formatted(text(one), actual(one, labels)))
            .collect(Collectors.joining("; "));
    if (!unmet.isEmpty()) {
      return "its selector requires " + unmet;
    }
    return book.selects(policy, namespace, labels)
        ? "it selects the namespace"
        : "it is a system namespace, and spec.namespaces.includeSystem is not set";
  }

  /// The selector in words; "all namespaces" if it is empty.
  static String selector(CompiledPolicy policy) {
    var requirements = requirements(policy.spec().namespaces().selector());
    return requirements.isEmpty()
        ? "its selector matches all namespaces"
        : "its selector matches: "
            + requirements.stream().map(Selections::text).collect(Collectors.joining(", "));
  }

  /// One selector for each requirement.
  private static List<LabelSelector> requirements(LabelSelector selector) {
    var all = new ArrayList<LabelSelector>();
    if (selector.getMatchLabels() != null) {
      selector
          .getMatchLabels()
          .forEach((k, v) -> all.add(new LabelSelectorBuilder().addToMatchLabels(k, v).build()));
    }
    if (selector.getMatchExpressions() != null) {
      selector
          .getMatchExpressions()
          .forEach(e -> all.add(new LabelSelectorBuilder().withMatchExpressions(e).build()));
    }
    return all;
  }

  private static String text(LabelSelector one) {
    if (one.getMatchExpressions() == null || one.getMatchExpressions().isEmpty()) {
      var label = one.getMatchLabels().entrySet().iterator().next();
      return label.getKey() + "=" + label.getValue();
    }
    var expression = one.getMatchExpressions().getFirst();
    return switch (expression.getOperator()) {
      case "In" -> expression.getKey() + " in " + values(expression);
      case "NotIn" -> expression.getKey() + " not in " + values(expression);
      case "Exists" -> expression.getKey();
      default -> "no " + expression.getKey();
    };
  }

  private static String values(LabelSelectorRequirement expression) {
    return "(" + String.join(", ", expression.getValues()) + ")";
  }

  private static String actual(LabelSelector one, Map<String, String> labels) {
    var key =
        one.getMatchExpressions() == null || one.getMatchExpressions().isEmpty()
            ? one.getMatchLabels().keySet().iterator().next()
            : one.getMatchExpressions().getFirst().getKey();
    var value = labels == null ? null : labels.get(key);
    return value == null ? "the label is not set" : "it is " + value;
  }
}
