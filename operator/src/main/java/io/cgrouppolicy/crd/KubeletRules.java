package io.cgrouppolicy.crd;

import static io.cgrouppolicy.crd.Cel.forEach;
import static io.cgrouppolicy.crd.Cel.rule;

import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.util.List;
import java.util.stream.Stream;

/// The CEL rules of `spec.nodes.kubelet`: see [AdmissionRules].
final class KubeletRules {
  private KubeletRules() {}

  static List<ValidationRule> configBound() {
    return List.of(
        rule(
            "has(self.oneOf) != (has(self.atLeast) || has(self.atMost))",
            "must set either oneOf, or atLeast or atMost"));
  }

  static List<ValidationRule> enforceNodeAllocatable() {
    return List.of(
        rule("!('none' in self) || size(self) == 1", "none excludes all other levels"),
        rule(
            "['system-reserved', 'kube-reserved'].all(l, !(l in self) || !(l + '-compressible' in"
                + " self))",
            "a level and its -compressible form exclude each other"));
  }

  static List<ValidationRule> reserved() {
    return List.of(
        forEach(
            "self",
            "r in ['cpu', 'memory', 'ephemeral-storage', 'pid']",
            "cannot be reserved; only cpu, memory, ephemeral-storage and pid can"));
  }

  static List<ValidationRule> formula() {
    return List.of(
        rule(
            "has(self.preset) || has(self.resources) && size(self.resources) > 0",
            "a formula must set preset or resources"));
  }

  static List<ValidationRule> formulas() {
    return Stream.concat(
            reserved().stream(),
            Stream.of(
                rule(
                    """
                    !('pid' in self) || !has(self['pid'].percent) &&
                    !has(self['pid'].atMostPercent) && !has(self['pid'].tiers)""",
                    "a node reports no capacity for pid to take a percentage of")))
        .toList();
  }

  static List<ValidationRule> resourceFormula() {
    return List.of(
        rule(
            "has(self.base) || has(self.perPod) || has(self.perCore) || has(self.percent) ||"
                + " has(self.tiers)",
            "a formula must set base, perPod, perCore, percent or tiers"),
        rule(
            """
            [[?self.?atLeast, ?self.?atMost].map(q, quantity(string(q)))]
            .all(q, size(q) < 2 || q[0].compareTo(q[1]) <= 0)""",
            "atLeast must not exceed atMost"));
  }

  static List<ValidationRule> tiers() {
    return List.of(
        rule(
            "[1, 2, 3, 4, 5, 6, 7, 8, 9].all(i, i >= size(self) || has(self[i - 1].upTo))",
            "only the last tier may omit upTo"),
        rule(
            """
            [1, 2, 3, 4, 5, 6, 7, 8, 9].all(i, i >= size(self) ||
            [[?self[i - 1].?upTo, ?self[i].?upTo].map(q, quantity(string(q)))]
            .all(q, size(q) < 2 || q[0].compareTo(q[1]) < 0))""",
            "tiers must ascend by upTo"));
  }
}
