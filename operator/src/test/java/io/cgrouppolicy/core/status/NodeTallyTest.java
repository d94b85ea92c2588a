package io.cgrouppolicy.core.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.kubelet.Answer.Unusable;
import io.cgrouppolicy.core.kubelet.LastAnswer;
import io.cgrouppolicy.core.kubelet.judge.NodeJudgement;
import io.cgrouppolicy.core.kubelet.judge.NodeJudgement.InconclusiveCheck;
import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import io.cgrouppolicy.testing.Policies;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeTallyTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Finding PIDS =
      Finding.of(Check.KubeletPodPidsLimit, "<= 4096", "unlimited", "podPidsLimit is unlimited");
  private static final InconclusiveCheck RESERVED_CPUS =
      new InconclusiveCheck(Check.KubeletSystemReserved, "ReservedSystemCPUs", "cannot be met");
  private static final NodeJudgement GOOD =
      new NodeJudgement(null, List.of(), List.of(), List.of());
  private static final NodeJudgement DRIFTED =
      new NodeJudgement(null, List.of(PIDS), List.of(), List.of());
  private static final Unusable<?> TIMEOUT =
      new Unusable<>(Check.KubeletUnreachable, "Timeout", "took longer than 5 s");
  private static final NodeJudgement SILENT =
      new NodeJudgement(
          TIMEOUT,
          List.of(Finding.of(TIMEOUT.check(), "an answer", "Timeout", TIMEOUT.message())),
          List.of(),
          List.of());

  private final CompiledPolicy policy =
      CompiledPolicy.of(Policies.policy("p", "nodes: {selector: {}}"));

  private NodeVerdict verdict(NodeJudgement judgement) {
    return new NodeVerdict(policy.uid(), policy.generation(), judgement, null);
  }

  private CgroupPolicyStatus status(Nodes nodes) {
    return status(policy, nodes);
  }

  private static CgroupPolicyStatus status(CompiledPolicy policy, Nodes nodes) {
    return PolicyStatusFactory.create(
            new Input(policy, null, Namespaces.NONE, nodes, Workloads.NONE, null, null, NOW))
        .status();
  }

  private static Nodes nodes(Map<String, NodeVerdict> verdicts, String... selected) {
    return new Nodes(List.of(selected), verdicts::get, n -> null, null, List.of());
  }

  private static Condition condition(CgroupPolicyStatus status, String type) {
    return status.conditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst()
        .orElse(null);
  }

  private static String state(CgroupPolicyStatus status, String type) {
    var condition = condition(status, type);
    return condition == null ? null : condition.getStatus() + " " + condition.getReason();
  }

  @Test
  void allCompliant() {
    var status = status(nodes(Map.of("a", verdict(GOOD)), "a"));
    assertThat(state(status, "NodesCompliant")).isEqualTo("True Compliant");
    assertThat(state(status, "Compliant")).isEqualTo("True Compliant");
    assertThat(state(status, "Ready")).isEqualTo("True Audited");
    assertThat(status.nodes().summary()).isEqualTo("1/1");
    assertThat(state(status, "KubeletConfigUnsafe")).isNull();
  }

  @Test
  void driftBeatsSilenceBeatsCompliance() {
    var verdicts =
        Map.of("good", verdict(GOOD), "drifted", verdict(DRIFTED), "silent", verdict(SILENT));
    var all = status(nodes(verdicts, "good", "drifted", "silent"));
    assertThat(state(all, "NodesCompliant")).isEqualTo("False DriftFound");
    assertThat(all.nodes()).isEqualTo(new CgroupPolicyStatus.NodeCounts(3, 1, 1, 1, 0, "1/3"));
    assertThat(all.violationCount()).isEqualTo(2);
    assertThat(all.violations().getFirst())
        .isEqualTo(
            new CgroupPolicyStatus.Violation(
                "KubeletPodPidsLimit",
                "High",
                "Node",
                null,
                "drifted",
                "<= 4096",
                "unlimited",
                "drifted: podPidsLimit is unlimited"));
    var some = status(nodes(verdicts, "good", "silent"));
    assertThat(state(some, "NodesCompliant")).isEqualTo("Unknown KubeletsUnknown");
    assertThat(state(some, "Compliant"))
        .as("nothing is observed")
        .isEqualTo("Unknown Undetermined");
    assertThat(state(some, "Ready")).as("evaluated everywhere it could be").startsWith("True");
  }

  @Test
  void saysWhichNodesAreTooOldToBeAsked() {
    var old = new Unusable<>(Check.KubeletUnauthorized, "KubeletTooOld", "upgrade the node");
    var finding = Finding.of(old.check(), "an answer", old.reason(), old.message());
    var tooOld = new NodeJudgement(old, List.of(finding), List.of(), List.of());
    var status = status(nodes(Map.of("a", verdict(GOOD), "old", verdict(tooOld)), "a", "old"));
    assertThat(state(status, "NodesCompliant")).isEqualTo("Unknown KubeletsUnknown");
    assertThat(condition(status, "NodesCompliant").getMessage())
        .isEqualTo("1 of 2 nodes gave no usable answer; KubeletTooOld on 1 node");
  }

  @Test
  void whatIsNotJudgedYetOrByAnotherGenerationIsUnknown() {
    var old = new NodeVerdict(policy.uid(), policy.generation() - 1, GOOD, null);
    var status = status(nodes(Map.of("old", old), "old", "new"));
    assertThat(status.nodes().unknown()).isEqualTo(2);
    assertThat(state(status, "NodesCompliant")).isEqualTo("Unknown Observing");
    assertThat(state(status, "Ready")).isEqualTo("Unknown Observing");
    assertThat(state(status, "Reconciling")).isEqualTo("True Observing");
  }

  @Test
  void anExceptionSilencesDriftButNotSilence() {
    var excepting =
        CompiledPolicy.of(
            Policies.policy(
                "p",
                """
                nodes: {selector: {}}, exceptions: [
                  {check: KubeletPodPidsLimit, nodes: ["d*"], reason: r},
                  {check: KubeletUnreachable, nodes: ["s*"], reason: r}]"""));
    var verdicts =
        Map.of(
            "drifted",
            new NodeVerdict(excepting.uid(), excepting.generation(), DRIFTED, null),
            "silent",
            new NodeVerdict(excepting.uid(), excepting.generation(), SILENT, null));
    var status = status(excepting, nodes(verdicts, "drifted", "silent"));
    assertThat(status.nodes()).isEqualTo(new CgroupPolicyStatus.NodeCounts(2, 1, 0, 1, 0, "1/2"));
    assertThat(status.violationCount()).isZero();
  }

  @Test
  void remarksAreCounted() {
    var remarked =
        new NodeJudgement(
            null,
            List.of(),
            List.of(
                new InconclusiveCheck(
                    Check.KubeletCgroupDriver, "RuntimeSupplied", "cannot be known"),
                new InconclusiveCheck(Check.KubeletCgroupDriver, "RuntimeSupplied", "nor this")),
            List.of(RESERVED_CPUS));
    var exempt = new NodeJudgement(null, List.of(), List.of(), List.of(RESERVED_CPUS));
    var status = status(nodes(Map.of("a", verdict(remarked), "b", verdict(exempt)), "a", "b"));
    assertThat(state(status, "NodesCompliant")).isEqualTo("Unknown Undetermined");
    assertThat(condition(status, "NodesCompliant").getMessage())
        .isEqualTo(
            "1 of 2 nodes does not report all settings; not applicable: KubeletSystemReserved"
                + " (ReservedSystemCPUs) on 2 nodes; undetermined: KubeletCgroupDriver"
                + " (RuntimeSupplied) on 1 node");
  }

  @Test
  void reportsTheAgeOfTheLastAnswer() {
    var before =
        new NodeVerdict(policy.uid(), policy.generation(), SILENT, new LastAnswer(NOW, ""));
    var status = status(nodes(Map.of("a", before, "b", verdict(SILENT)), "a", "b"));
    assertThat(status.violations())
        .extracting(CgroupPolicyStatus.Violation::message)
        .containsExactly(
            "a: took longer than 5 s; it last answered at 2026-01-01T00:00:00Z",
            "b: took longer than 5 s; it has not answered since the operator started");
  }

  @Test
  void notBeingAbleToSeeNodesIsNamed() {
    var blind =
        new Nodes(
            List.of(),
            n -> null,
            n -> null,
            new Trouble("Forbidden", "cannot list nodes"),
            List.of());
    var status = status(blind);
    assertThat(state(status, "Ready")).isEqualTo("False Forbidden");
    assertThat(state(status, "NodesCompliant")).isEqualTo("Unknown Forbidden");
    assertThat(state(status, "NamespacesCompliant")).isEqualTo("True NotRequested");
  }

  @Test
  void anUnsafeKubeletConfigurationIsReported() {
    var unsafe =
        new Nodes(
            List.of(),
            n -> null,
            n -> null,
            null,
            List.of(new Problem("spec.nodes.kubelet.systemReservedCgroup", "is missing")));
    var condition = condition(status(unsafe), "KubeletConfigUnsafe");
    assertThat(condition.getStatus()).isEqualTo("True");
    assertThat(condition.getMessage())
        .isEqualTo("spec.nodes.kubelet.systemReservedCgroup: is missing");
    assertThat(state(status(unsafe), "Ready")).startsWith("True");
  }

  private NodeVerdict exempt(String reason) {
    var why = new Unusable<>(Check.KubeletConfigUnavailable, reason, "nobody to ask");
    return verdict(new NodeJudgement(why, List.of(), List.of(), List.of()));
  }

  /// Neither compliant nor unknown, and no violation, but not silent either.
  @Test
  void nodesWithoutAKubeletToAskCountApart() {
    var verdicts =
        Map.of(
            "good", verdict(GOOD),
            "f1", exempt("Fargate"),
            "f2", exempt("Fargate"),
            "f3", exempt("Fargate"),
            "f4", exempt("Fargate"),
            "win", exempt("Windows"));
    var status = status(nodes(verdicts, "win", "f4", "f3", "f2", "f1", "good"));
    assertThat(status.nodes()).isEqualTo(new CgroupPolicyStatus.NodeCounts(6, 1, 0, 0, 5, "1/1"));
    assertThat(status.violationCount()).isZero();
    assertThat(state(status, "NodesCompliant")).isEqualTo("True Compliant");
    assertThat(condition(status, "NodesCompliant").getMessage())
        .isEqualTo(
            "the only node that can be judged complies with the policy; without a Linux kubelet to ask:"
                + " Fargate on 4 nodes (f1, f2, f3 and 1 more), Windows on 1 node (win); exclude"
                + " them with spec.nodes.selector");
    var mixed = status(nodes(Map.of("d", verdict(DRIFTED), "f1", exempt("Fargate")), "d", "f1"));
    assertThat(condition(mixed, "NodesCompliant").getMessage())
        .isEqualTo(
            "1 of 2 nodes differs from the policy; without a Linux kubelet to ask: Fargate on 1"
                + " node (f1); exclude them with spec.nodes.selector");
    var none = status(nodes(Map.of("f1", exempt("Fargate")), "f1"));
    assertThat(state(none, "NodesCompliant")).isEqualTo("True Compliant");
    assertThat(condition(none, "NodesCompliant").getMessage())
        .startsWith("no selected node can be judged; ");
    assertThat(none.nodes().summary()).isEqualTo("0/0");
  }
}
