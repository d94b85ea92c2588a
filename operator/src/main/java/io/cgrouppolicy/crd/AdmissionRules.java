package io.cgrouppolicy.crd;

import static io.cgrouppolicy.crd.Cel.forEach;
import static io.cgrouppolicy.crd.Cel.rule;
import static io.cgrouppolicy.crd.Cel.whole;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Check.Area;
import io.cgrouppolicy.core.policy.PolicyValidator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The CRD's CEL rules, which reject invalid policies at admission: settings that the API server
/// would reject in every namespace, or that nothing could ever meet. [PolicyValidator] checks the
/// same for policies stored under an older schema.
///
/// The server limits the estimated cost of CEL, to 10M per rule and 100M per CRD, based on the
/// bounds of lists, maps and strings. Before 1.34, an integer or string counts as 3 MB whatever its
/// maxLength: `quantity(string(self.max[r]))` alone is 0.6M. But the estimate does not follow
/// values through optionals, so the rules read quantities as `self.?max[?r]` and can iterate over
/// all resource names. `OldestApiServerGate` validates the CRD with the code of Kubernetes 1.29,
/// the first with optionals and `quantity()` in rules.
///
/// Left to the operator: the contents of `spec.nodes.kubelet.config`, because CEL cannot access
/// unknown fields; quantities that the server would round or cut; and ratios exceeded by less than
/// a billionth, because CEL multiplies only in floating point.
///
/// [LimitRules] has the rules of LimitRanges and quotas, [KubeletRules] those of kubelets.
final class AdmissionRules {
  private AdmissionRules() {}

  static List<ValidationRule> policy() {
    return List.of(
        rule(
            "size(self.metadata.name) <= 63",
            "metadata.name must have at most 63 characters, because it becomes a label value"));
  }

  static List<ValidationRule> spec() {
    return List.of(
        rule(
            "!has(self.workloads) || has(self.namespaces)",
            "workloads requires namespaces, which selects the pods"));
  }

  static List<ValidationRule> labelRequirement() {
    return List.of(
        values(),
        rule("self.key.indexOf('/') <= 253", "the prefix of a label key has up to 253 characters"));
  }

  static ValidationRule values() {
    return rule(
        "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
        "values must be set for In and NotIn, and for no other operator");
  }

  static List<ValidationRule> matchLabels() {
    return List.of(
        forEach(
            "self",
            "r.matches(r'%s') && r.indexOf('/') <= 253".formatted(whole(PolicyValidator.LABEL_KEY)),
            "is not a label key"));
  }

  static List<ValidationRule> exception() {
    return List.of(
        named("namespaces", "nodes", Area.NAMESPACES, Area.WORKLOADS),
        named("nodes", "namespaces", Area.NODES, Area.PRESSURE));
  }

  private static ValidationRule named(String needed, String other, Area... areas) {
    var checks =
        Arrays.stream(Check.values())
            .filter(check -> List.of(areas).contains(check.area()))
            .map(check -> "'" + check + "'")
            .collect(Collectors.joining(", ", "[", "]"));
    return rule(
        """
        !(self.check in %1$s) || has(self.%2$s) && size(self.%2$s) > 0 &&
        (!has(self.%3$s) || size(self.%3$s) == 0)"""
            .formatted(checks, needed, other),
        "an exception from this check must list %s and no %s".formatted(needed, other));
  }
}
