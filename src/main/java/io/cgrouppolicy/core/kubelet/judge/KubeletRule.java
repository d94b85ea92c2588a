package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.CgroupVersion;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import java.util.List;
import java.util.function.Function;

/// One check: from what is known of a node to outcomes, one for each thing that the policy asks,
/// none where it asks nothing.
record KubeletRule(Check check, Function<Subject, List<Outcome>> judge) {

  /// What a rule looks at.
  ///
  /// @param asked never null; without fields where the policy has no `spec.nodes.kubelet`
  /// @param measuredCgroupVersion or null
  record Subject(
      NodesSpec spec,
      KubeletSpec asked,
      NodeFacts node,
      KubeletConfiguration config,
      CgroupVersion measuredCgroupVersion,
      Platform platform) {}
}
