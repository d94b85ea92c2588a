package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PressureCounts;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict.State;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.Conditions.Status;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;

/// Counts the nodes of a policy by pressure.
final class PressureTally {
  private final int selected;
  private final boolean overruled;
  private int normal;
  private int above;
  private int unavailable;
  private int notApplicable;
  private int pending;
  private final Trouble trouble;

  PressureTally(CompiledPolicy policy, Nodes nodes, Exceptions exceptions, Violations violations) {
    selected = nodes.selected().size();
    overruled = nodes.overruled();
    trouble = nodes.trouble();
    for (var node : nodes.selected()) {
      var verdict = nodes.pressure().apply(node);
      if (verdict == null || !verdict.isOf(policy)) {
        pending++;
        continue;
      }
      if (verdict.state() == State.NOT_APPLICABLE) {
        notApplicable++;
        continue;
      }
      boolean exceeds = false;
      boolean untold = false;
      for (var finding : verdict.findings()) {
        boolean silenced = exceptions.silences(finding.check(), node);
        if (!silenced) {
          violations.add("Node", node, finding);
        }
        // Silencing PressureUnavailable does not make the figures known.
        untold |= finding.check() == Check.PressureUnavailable;
        exceeds |= finding.check() != Check.PressureUnavailable && !silenced;
      }
      if (exceeds) {
        above++;
      } else if (untold) {
        unavailable++;
      } else {
        normal++;
      }
    }
  }

  PressureCounts counts() {
    return new PressureCounts(normal + above, above, unavailable, notApplicable);
  }

  /// What is still being evaluated, or null.
  String observing() {
    return pending > 0 && trouble == null
        ? "pressure of " + CountMessage.of(pending, "node") + " not yet evaluated"
        : null;
  }

  Status condition(Conditions conditions) {
    if (trouble != null) {
      return conditions.set(
          "PressureNormal", Status.Unknown, trouble.reason(), "see condition Ready");
    }
    if (above > 0) {
      return conditions.set("PressureNormal", Status.False, "PressureAbove", message());
    }
    if (pending > 0) {
      return conditions.set("PressureNormal", Status.Unknown, "Observing", message());
    }
    if (unavailable > 0) {
      return conditions.set("PressureNormal", Status.Unknown, "PressureUnavailable", message());
    }
    return selected == 0
        ? PolicyStatusFactory.empty(conditions, "PressureNormal", "node", overruled)
        : conditions.set("PressureNormal", Status.True, "Normal", message());
  }

  private String message() {
    var below =
        notApplicable == 0
            ? CountMessage.all(
                selected,
                "selected node is below the thresholds",
                "selected nodes are below the thresholds")
            : normal == 0
                ? "no selected node can be asked"
                : CountMessage.all(
                    normal,
                    "only node that can be asked is below the thresholds",
                    "nodes that can be asked are below the thresholds");
    return new CountMessage(CountMessage.of(selected, "node"), below)
        .add(above, "is above a threshold", "are above a threshold")
        .add(unavailable, "reports no pressure", "report no pressure")
        .add(pending, "not yet evaluated")
        .toString();
  }
}
