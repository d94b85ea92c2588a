package io.cgrouppolicy.core.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PressureCounts;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.kubelet.judge.NodeJudgement;
import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict.State;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import io.cgrouppolicy.testing.Policies;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PressureTallyTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String PRESSURE = "nodes: {selector: {}, pressure: {memory: {full: 1}}}";
  private static final Finding MEMORY =
      Finding.of(Check.PressureMemory, "full <= 1 %", "full 12 %", "memory full 12 % over 60 s");
  private static final Finding SILENT =
      Finding.of(Check.PressureUnavailable, "pressure figures", "Timeout", "took long");

  private final Map<String, PressureVerdict> verdicts = new HashMap<>();
  private CompiledPolicy policy = Policies.compiled("p", PRESSURE);
  private Trouble trouble;

  private void judged(String node, State state, Finding... findings) {
    verdicts.put(
        node, new PressureVerdict(policy.uid(), policy.generation(), state, List.of(findings)));
  }

  private CgroupPolicyStatus status(String... selected) {
    var good =
        new NodeVerdict(
            policy.uid(),
            policy.generation(),
            new NodeJudgement(null, List.of(), List.of(), List.of()),
            null);
    var nodes = new Nodes(List.of(selected), n -> good, verdicts::get, trouble, List.of());
    return PolicyStatusFactory.create(
            new Input(policy, null, Namespaces.NONE, nodes, Workloads.NONE, null, null, NOW))
        .status();
  }

  private static String state(CgroupPolicyStatus status, String type) {
    return status.conditions().stream()
        .filter(c -> c.getType().equals(type))
        .map(c -> c.getStatus() + " " + c.getReason() + ": " + c.getMessage())
        .findFirst()
        .orElse(null);
  }

  @Test
  void allBelow() {
    judged("a", State.NORMAL);
    judged("b", State.NORMAL);
    var status = status("a", "b");
    assertThat(status.pressure()).isEqualTo(new PressureCounts(2, 0, 0, 0));
    assertThat(state(status, "PressureNormal"))
        .isEqualTo("True Normal: all 2 selected nodes are below the thresholds");
    assertThat(state(status, "Compliant")).startsWith("True Compliant");
  }

  @Test
  void aboveBeatsUnavailableBeatsNormal() {
    judged("a", State.NORMAL);
    judged("b", State.ABOVE, MEMORY);
    judged("c", State.UNAVAILABLE, SILENT);
    var status = status("a", "b", "c");
    assertThat(status.pressure()).isEqualTo(new PressureCounts(2, 1, 1, 0));
    assertThat(state(status, "PressureNormal"))
        .isEqualTo("False PressureAbove: 1 of 3 nodes is above a threshold, 1 reports no pressure");
    assertThat(state(status, "Compliant")).startsWith("False ViolationsFound");
    assertThat(state(status, "NodesCompliant")).startsWith("True Compliant");
    assertThat(status.violations())
        .extracting(v -> v.check() + " " + v.kind() + " " + v.name() + " " + v.actual())
        .containsExactly("PressureMemory Node b full 12 %", "PressureUnavailable Node c Timeout");

    status = status("a", "c");
    assertThat(state(status, "PressureNormal")).startsWith("Unknown PressureUnavailable");
    assertThat(state(status, "Compliant")).startsWith("Unknown Undetermined");
    assertThat(state(status, "Ready")).startsWith("True Audited");
  }

  @Test
  void whatIsNotJudgedYetOrByAnotherGenerationIsUnknown() {
    verdicts.put(
        "old", new PressureVerdict(policy.uid(), policy.generation() - 1, State.NORMAL, List.of()));
    var status = status("old", "new");
    assertThat(status.pressure()).isEqualTo(new PressureCounts(0, 0, 0, 0));
    assertThat(state(status, "PressureNormal"))
        .isEqualTo("Unknown Observing: 2 of 2 nodes not yet evaluated");
    assertThat(state(status, "Ready"))
        .isEqualTo("Unknown Observing: pressure of 2 nodes not yet evaluated");
    assertThat(state(status, "Reconciling")).startsWith("True Observing");
  }

  @Test
  void anExceptionSilencesPressureButNotSilence() {
    policy =
        Policies.compiled(
            "p",
            PRESSURE
                + """
                , exceptions: [
                  {check: PressureMemory, nodes: ["b*"], reason: r},
                  {check: PressureUnavailable, nodes: ["c*", "known-and-not"], reason: r}]""");
    judged("b1", State.ABOVE, MEMORY);
    judged("c1", State.UNAVAILABLE, SILENT);
    var status = status("b1", "c1");
    assertThat(status.pressure()).isEqualTo(new PressureCounts(1, 0, 1, 0));
    assertThat(status.violationCount()).isZero();
    assertThat(state(status, "PressureNormal")).startsWith("Unknown PressureUnavailable");
    judged("b2", State.ABOVE, MEMORY, SILENT);
    assertThat(status("b2").pressure()).isEqualTo(new PressureCounts(0, 0, 1, 0));
    judged("known-and-not", State.ABOVE, MEMORY, SILENT);
    assertThat(status("known-and-not").pressure()).isEqualTo(new PressureCounts(1, 1, 0, 0));
  }

  @Test
  void withoutThresholdsThereIsNothingToSay() {
    policy = Policies.compiled("p", "nodes: {selector: {}}");
    var status = status("a");
    assertThat(status.pressure()).isNull();
    assertThat(state(status, "PressureNormal")).startsWith("True NotRequested");
    assertThat(state(status, "Ready")).startsWith("True");
  }

  @Test
  void notBeingAbleToSeeNodesIsNamed() {
    trouble = new Trouble("Forbidden", "cannot list nodes");
    assertThat(state(status(), "PressureNormal")).startsWith("Unknown Forbidden");
  }

  @Test
  void aNodeWithoutAKubeletIsNeitherNormalNorUnavailable() {
    judged("fargate", State.NOT_APPLICABLE);
    judged("calm", State.NORMAL);
    var status = status("fargate", "calm");
    assertThat(status.pressure()).isEqualTo(new PressureCounts(1, 0, 0, 1));
    assertThat(state(status, "PressureNormal"))
        .isEqualTo("True Normal: the only node that can be asked is below the thresholds");
    assertThat(state(status("fargate"), "PressureNormal"))
        .isEqualTo("True Normal: no selected node can be asked");
  }
}
