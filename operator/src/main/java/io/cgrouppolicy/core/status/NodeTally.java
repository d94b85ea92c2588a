package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NodeCounts;
import io.cgrouppolicy.core.check.NameList;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.kubelet.KubeletSupport;
import io.cgrouppolicy.core.kubelet.judge.NodeJudgement;
import io.cgrouppolicy.core.kubelet.judge.NodeJudgement.InconclusiveCheck;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.Conditions.Status;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Counts the nodes of a policy.
final class NodeTally {
  private final int selected;
  private final boolean overruled;
  private int compliant;
  private int drifted;
  private int unanswered;
  private int undetermined;
  private int notApplicable;
  private int pending;
  private final Trouble trouble;

  /// The number of nodes by inconclusive check.
  private final Map<String, Integer> inconclusive = new TreeMap<>();

  /// The nodes that cannot be judged, by reason.
  private final Map<String, SortedSet<String>> exempt = new TreeMap<>();

  NodeTally(
      CompiledPolicy policy,
      Nodes nodes,
      Workloads workloads,
      Exceptions exceptions,
      Violations violations) {
    selected = nodes.selected().size();
    overruled = nodes.overruled();
    trouble = nodes.trouble();
    for (var node : nodes.selected()) {
      var verdict = nodes.verdicts().apply(node);
      if (verdict == null || !verdict.isOf(policy)) {
        pending++;
        continue;
      }
      var neighbours = policy.judgesNeighbours() ? workloads.ofNode(policy, node) : null;
      boolean unseen = policy.judgesNeighbours() && neighbours == null;
      if (unseen && workloads.trouble() == null) {
        pending++;
        continue;
      }
      var hazard = neighbours == null ? null : neighbours.finding();
      boolean hazardous = hazard != null && !exceptions.silences(hazard.check(), node);
      if (hazardous) {
        violations.add("Node", node, hazard);
      }
      for (var finding : verdict.findings()) {
        if (!exceptions.silences(finding.check(), node)) {
          violations.add("Node", node, finding);
        }
      }
      var judgement = verdict.judgement();
      var state = judgement.state(check -> exceptions.silences(check, node));
      switch (hazardous ? NodeJudgement.State.DRIFTED : state) {
        case COMPLIANT -> {
          if (unseen) {
            undetermined++;
          } else {
            compliant++;
          }
        }
        case DRIFTED -> drifted++;
        case NOT_APPLICABLE -> notApplicable++;
        case UNKNOWN -> {
          if (judgement.unanswered() == null) {
            undetermined++;
          } else {
            unanswered++;
            if (judgement.unanswered().reason().equals(KubeletSupport.TOO_OLD)) {
              inconclusive.merge(KubeletSupport.TOO_OLD, 1, Integer::sum);
            }
          }
        }
      }
      if (state == NodeJudgement.State.NOT_APPLICABLE) {
        exempt.computeIfAbsent(judgement.unanswered().reason(), r -> new TreeSet<>()).add(node);
      }
      addInconclusive("undetermined", judgement.undetermined());
      addInconclusive("not applicable", judgement.notApplicable());
    }
  }

  /// Counts a node once for each check and reason, although a check may concern several fields.
  private void addInconclusive(String kind, List<InconclusiveCheck> checks) {
    checks.stream()
        .map(check -> kind + ": " + check.check() + " (" + check.reason() + ")")
        .distinct()
        .forEach(text -> inconclusive.merge(text, 1, Integer::sum));
  }

  NodeCounts counts() {
    return new NodeCounts(
        selected,
        compliant,
        drifted,
        unanswered + undetermined + pending,
        notApplicable,
        compliant + "/" + (selected - notApplicable));
  }

  Trouble trouble() {
    return trouble;
  }

  /// What is still being evaluated, or null.
  String observing() {
    return pending > 0 && trouble == null
        ? CountMessage.of(pending, "node") + " not yet evaluated"
        : null;
  }

  Status condition(Conditions conditions) {
    if (trouble != null) {
      return conditions.set(
          "NodesCompliant", Status.Unknown, trouble.reason(), "see condition Ready");
    }
    if (drifted > 0) {
      return conditions.set("NodesCompliant", Status.False, "DriftFound", message());
    }
    if (pending > 0) {
      return conditions.set("NodesCompliant", Status.Unknown, "Observing", message());
    }
    if (unanswered > 0) {
      return conditions.set("NodesCompliant", Status.Unknown, "KubeletsUnknown", message());
    }
    if (undetermined > 0) {
      return conditions.set("NodesCompliant", Status.Unknown, "Undetermined", message());
    }
    return selected == 0
        ? PolicyStatusFactory.empty(conditions, "NodesCompliant", "node", overruled)
        : conditions.set("NodesCompliant", Status.True, "Compliant", message());
  }

  private String message() {
    var complying =
        notApplicable == 0
            ? CountMessage.all(
                selected,
                "selected node complies with the policy",
                "selected nodes comply with the policy")
            : compliant == 0
                ? "no selected node can be judged"
                : CountMessage.all(
                    compliant,
                    "only node that can be judged complies with the policy",
                    "nodes that can be judged comply with the policy");
    var nodes =
        new CountMessage(CountMessage.of(selected, "node"), complying)
            .add(drifted, "differs from the policy", "differ from the policy")
            .add(unanswered, "gave no usable answer")
            .add(undetermined, "does not report all settings", "do not report all settings")
            .add(pending, "not yet evaluated")
            .toString();
    return Stream.of(nodes, exemptNodes(), inconclusiveChecks())
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("; "));
  }

  private String exemptNodes() {
    return exempt.isEmpty()
        ? ""
        : exempt.entrySet().stream()
            .map(
                e ->
                    e.getKey()
                        + " on "
                        + CountMessage.of(e.getValue().size(), "node")
                        + " ("
                        + NameList.of(e.getValue())
                        + ")")
            .collect(
                Collectors.joining(
                    ", ",
                    "without a Linux kubelet to ask: ",
                    "; exclude them with spec.nodes.selector"));
  }

  private String inconclusiveChecks() {
    return inconclusive.entrySet().stream()
        .map(e -> e.getKey() + " on " + CountMessage.of(e.getValue(), "node"))
        .collect(Collectors.joining("; "));
  }
}
