package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import java.util.List;
import java.util.function.Function;

/// One check: maps the facts of a node to one outcome per requirement of the policy; none if the
/// policy has no such requirement.
record KubeletRule(Check check, Function<Subject, List<RuleOutcome>> judge) {

  /// The input of a rule.
  ///
  /// @param required the policy's `spec.nodes.kubelet`, with amounts in place of formulas; never
  ///     null, but without fields if it is absent
  record Subject(
      NodesSpec spec,
      KubeletSpec required,
      NodeFacts node,
      KubeletConfiguration config,
      Platform platform) {}
}
