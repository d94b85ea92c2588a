package io.cgrouppolicy.core.status;

import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import java.util.HashSet;
import java.util.Set;

/// Which objects of a policy have all their verdicts. Of the others, the violations are not known:
/// a status counts them as pending, but a report must not drop what it has.
///
/// @param pending the selected namespaces without a verdict
/// @param nodes whether all selected nodes have their verdicts
/// @param all whether the operator observes the cluster at all
public record Evaluated(Set<String> pending, boolean nodes, boolean all) {
  public static Evaluated of(Input input) {
    var policy = input.policy();
    var pending = new HashSet<String>();
    for (var namespace : input.namespaces().selected()) {
      var verdict = input.namespaces().verdicts().apply(namespace);
      boolean judged = verdict != null && !verdict.leaving() && verdict.isOf(policy);
      boolean pods =
          !policy.judgesPods()
              || input.workloads().trouble() == null
                  && input.workloads().of(policy, namespace) != null;
      if (!judged || !pods) {
        pending.add(namespace);
      }
    }
    boolean nodes =
        input.nodes().trouble() == null
            && input.nodes().selected().stream().allMatch(node -> evaluated(policy, input, node));
    return new Evaluated(pending, nodes, policy.valid() && input.cluster() == null);
  }

  private static boolean evaluated(CompiledPolicy policy, Input input, String node) {
    var verdict = input.nodes().verdicts().apply(node);
    if (verdict == null || !verdict.isOf(policy)) {
      return false;
    }
    if (policy.spec().nodes().pressure() != null) {
      var pressure = input.nodes().pressure().apply(node);
      if (pressure == null || !pressure.isOf(policy)) {
        return false;
      }
    }
    return !policy.judgesNeighbours() || input.workloads().ofNode(policy, node) != null;
  }

  /// Whether all violations are known.
  public boolean complete() {
    return all && nodes && pending.isEmpty();
  }

  /// Whether the reports of a namespace stay as they are.
  ///
  /// @param namespace null for those of nodes
  public boolean holds(String namespace) {
    return !all || (namespace == null ? !nodes : pending.contains(namespace));
  }
}
