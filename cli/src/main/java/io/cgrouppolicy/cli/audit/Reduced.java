package io.cgrouppolicy.cli.audit;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec;
import io.cgrouppolicy.api.v1alpha1.NamespacesSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.report.Area;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.Set;

/// A policy without what cannot be evaluated, so that what a user may not read is no violation.
public final class Reduced {
  private Reduced() {}

  /// Removes from the policy what it says about unseen nodes and kubelets.
  public static void by(Set<Area> unseen, CgroupPolicy policy) {
    var spec = policy.getSpec();
    if (spec == null || spec.nodes() == null) {
      return;
    }
    if (unseen.contains(Area.NODES)) {
      policy.setSpec(with(spec, null));
    } else if (unseen.contains(Area.KUBELETS)) {
      policy.setSpec(with(spec, new NodesSpec(spec.nodes().selector(), null, null, null, null)));
    }
  }

  /// Leaves what the policy says about pods, in namespaces with any labels.
  public static void toWorkloads(CgroupPolicy policy) {
    var spec = policy.getSpec();
    var namespaces = spec.namespaces();
    policy.setSpec(
        with(
            spec,
            namespaces == null
                ? null
                : new NamespacesSpec(
                    new LabelSelector(),
                    namespaces.exclude(),
                    namespaces.includeSystem(),
                    namespaces.limitRange(),
                    namespaces.resourceQuota(),
                    namespaces.resourceQuotas()),
            null));
  }

  private static CgroupPolicySpec with(CgroupPolicySpec spec, NodesSpec nodes) {
    return with(spec, spec.namespaces(), nodes);
  }

  private static CgroupPolicySpec with(
      CgroupPolicySpec spec, NamespacesSpec namespaces, NodesSpec nodes) {
    return new CgroupPolicySpec(
        spec.mode(),
        spec.priority(),
        spec.deletionPolicy(),
        spec.rollout(),
        namespaces,
        spec.workloads(),
        nodes,
        spec.exceptions(),
        spec.contact(),
        spec.documentation());
  }
}
