package io.cgrouppolicy.core.kubelet.judge;

import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.DisplayText;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.judge.KubeletRule.Subject;
import io.cgrouppolicy.core.kubelet.judge.NodeJudgement.InconclusiveCheck;
import io.cgrouppolicy.core.kubelet.reservation.NodeSize;
import io.cgrouppolicy.core.kubelet.reservation.Reservations;
import java.util.ArrayList;
import java.util.List;

/// Applies all rules to a kubelet's answer.
public final class KubeletJudge {
  private static final KubeletSpec NOTHING =
      new KubeletSpec(null, null, null, null, null, null, null, null, null, null, null);

  /// The rules, in the order of findings.
  static final List<KubeletRule> RULES =
      List.of(
          new KubeletRule(Check.CgroupVersion, CgroupRules::version),
          new KubeletRule(Check.KubeletCgroupDriver, CgroupRules::driver),
          new KubeletRule(
              Check.KubeletEnforceNodeAllocatable, AllocatableRules::enforceNodeAllocatable),
          new KubeletRule(Check.KubeletSystemReserved, AllocatableRules::systemReserved),
          new KubeletRule(Check.KubeletKubeReserved, AllocatableRules::kubeReserved),
          new KubeletRule(Check.KubeletPodPidsLimit, PodPidsLimitRule::judge),
          new KubeletRule(Check.KubeletConfig, OtherFieldsRule::judge));

  private KubeletJudge() {}

  /// Whether the policy requires anything of a kubelet's configuration.
  public static boolean asks(NodesSpec spec) {
    return spec.cgroupVersion() != null
        || spec.kubelet() != null && !spec.kubelet().equals(NOTHING);
  }

  public static NodeJudgement judge(
      NodesSpec spec, NodeFacts node, Answer<KubeletConfiguration> answer, Platform platform) {
    if (node.exemption() != null) {
      return new NodeJudgement(node.obstacle().orElseThrow(), List.of(), List.of(), List.of());
    }
    if (!asks(spec)) {
      return new NodeJudgement(null, List.of(), List.of(), List.of());
    }
    return switch (node.obstacleOr(answer)) {
      case Unusable<KubeletConfiguration> none -> unanswered(none);
      case Usable<KubeletConfiguration> given ->
          judge(
              new Subject(
                  spec,
                  spec.kubelet() == null
                      ? NOTHING
                      : Reservations.resolve(spec.kubelet(), size(node, given.value())),
                  node,
                  given.value(),
                  platform));
    };
  }

  static NodeSize size(NodeFacts node, KubeletConfiguration config) {
    return new NodeSize(node.capacity(), config.json().path("maxPods").asLong(NodeSize.MAX_PODS));
  }

  private static NodeJudgement unanswered(Unusable<?> none) {
    var finding =
        Finding.of(none.check(), "the kubelet's configuration", none.reason(), none.message());
    return new NodeJudgement(none, List.of(finding), List.of(), List.of());
  }

  private static NodeJudgement judge(Subject subject) {
    var findings = new ArrayList<Finding>();
    var undetermined = new ArrayList<InconclusiveCheck>();
    var notApplicable = new ArrayList<InconclusiveCheck>();
    for (var rule : RULES) {
      var expected = new ArrayList<String>();
      var actual = new ArrayList<String>();
      var messages = new ArrayList<String>();
      for (var outcome : rule.judge().apply(subject)) {
        switch (outcome) {
          case RuleOutcome.Satisfied _ -> {}
          case RuleOutcome.Violated violated -> {
            expected.add(violated.expected());
            actual.add(violated.actual());
            messages.add(violated.message());
          }
          case RuleOutcome.Unknown unknown ->
              undetermined.add(
                  new InconclusiveCheck(rule.check(), unknown.reason(), unknown.message()));
          case RuleOutcome.NotApplicable none ->
              notApplicable.add(new InconclusiveCheck(rule.check(), none.reason(), none.message()));
        }
      }
      if (!expected.isEmpty()) {
        findings.add(
            Finding.of(
                rule.check(),
                DisplayText.join(expected, ", "),
                DisplayText.join(actual.stream().distinct().toList(), ", "),
                DisplayText.join(messages, "; ")));
      }
    }
    return new NodeJudgement(
        null, List.copyOf(findings), List.copyOf(undetermined), List.copyOf(notApplicable));
  }
}
