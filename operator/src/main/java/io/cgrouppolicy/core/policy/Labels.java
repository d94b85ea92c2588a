package io.cgrouppolicy.core.policy;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.Map;

/// Evaluates label selectors like Kubernetes (`LabelSelectorAsSelector` in apimachinery).
public final class Labels {
  private Labels() {}

  /// Whether the labels match the selector. An empty selector matches everything, null matches
  /// nothing. The selector must be valid, see [PolicyValidator].
  public static boolean match(LabelSelector selector, Map<String, String> labels) {
    if (selector == null) {
      return false;
    }
    var present = labels == null ? Map.<String, String>of() : labels;
    if (selector.getMatchLabels() != null) {
      for (var wanted : selector.getMatchLabels().entrySet()) {
        if (!wanted.getValue().equals(present.get(wanted.getKey()))) {
          return false;
        }
      }
    }
    if (selector.getMatchExpressions() != null) {
      for (var requirement : selector.getMatchExpressions()) {
        if (!meets(requirement, present)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean meets(LabelSelectorRequirement requirement, Map<String, String> labels) {
    var value = labels.get(requirement.getKey());
    return switch (requirement.getOperator()) {
      case "In" -> value != null && requirement.getValues().contains(value);
      case "NotIn" -> value == null || !requirement.getValues().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      default -> false;
    };
  }
}
