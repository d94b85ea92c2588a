package io.cgrouppolicy.core.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PreviewCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.WorkloadCounts;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.kubelet.judge.NodeJudgement;
import io.cgrouppolicy.core.kubelet.judge.NodeVerdict;
import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import io.cgrouppolicy.core.pods.NeighbourVerdict;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.pods.WorkloadVerdict.Preview;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import io.cgrouppolicy.testing.Policies;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Tests how verdicts on pods appear in a policy's status.
class WorkloadTallyTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String SPEC =
      "namespaces: {selector: {}}, workloads: {requireLimits: [memory, cpu]}";
  private static final Trouble FORBIDDEN =
      new Trouble("Forbidden", "cannot list resource \"pods\"");

  private final List<String> selected = new ArrayList<>();
  private final Map<String, NamespaceVerdict> namespaces = new HashMap<>();
  private final Map<String, WorkloadVerdict> pods = new HashMap<>();
  private final Map<String, NeighbourVerdict> neighbours = new HashMap<>();
  private Nodes nodes = Nodes.NONE;
  private Trouble trouble;

  private CgroupPolicyStatus status(String spec) {
    return PolicyStatusFactory.create(
            new Input(
                Policies.compiled("p", spec),
                null,
                new Namespaces(selected, namespaces::get, Map.of()),
                nodes,
                new Workloads(pods::get, neighbours::get, trouble),
                null,
                null,
                NOW))
        .status();
  }

  private void namespace(String name, WorkloadVerdict verdict) {
    selected.add(name);
    namespaces.put(name, new NamespaceVerdict("uid-p", 1, null, List.of()));
    pods.put(name, verdict);
  }

  private static WorkloadFinding finding(Check check, String kind, String name) {
    return new WorkloadFinding(kind, name, Finding.of(check, "e", "a", name + " lacks something"));
  }

  private static WorkloadVerdict verdict(
      int count, Map<Set<Check>, Integer> podsByChecks, WorkloadFinding... findings) {
    return new WorkloadVerdict(
        "uid-p", 1, count, podsByChecks, List.of(findings), new Preview(3, 2));
  }

  private static String condition(CgroupPolicyStatus status, String type) {
    return status.conditions().stream()
        .filter(c -> c.getType().equals(type))
        .map(c -> c.getStatus() + " " + c.getReason())
        .findFirst()
        .orElse(null);
  }

  private static String message(CgroupPolicyStatus status, String type) {
    return status.conditions().stream()
        .filter(c -> c.getType().equals(type))
        .map(Condition::getMessage)
        .findFirst()
        .orElse(null);
  }

  private static WorkloadVerdict bad() {
    return verdict(
        5,
        Map.of(
            Set.of(Check.MemoryLimitMissing), 2,
            Set.of(Check.MemoryLimitMissing, Check.CpuLimitMissing), 1),
        finding(Check.MemoryLimitMissing, "Deployment", "api"),
        finding(Check.CpuLimitMissing, "Pod", "lone"));
  }

  @Test
  void podsAreCountedAndWorkloadsListed() {
    namespace("b", bad());
    namespace("a", verdict(4, Map.of()));
    var status = status(SPEC);
    assertThat(status.workloads()).isEqualTo(new WorkloadCounts(9, 6, 3));
    assertThat(condition(status, "WorkloadsCompliant")).isEqualTo("False ViolationsFound");
    assertThat(status.violations())
        .extracting(v -> v.check() + " " + v.kind() + " " + v.namespace() + "/" + v.name())
        .as("the most severe first")
        .containsExactly("MemoryLimitMissing Deployment b/api", "CpuLimitMissing Pod b/lone");
    assertThat(status.violationCount()).isEqualTo(2);
    assertThat(status.preview()).as("there are no objects").isNull();
  }

  @Test
  void violationsAreInTheOrderOfTheirNamespaces() {
    for (var name : List.of("c", "a", "b")) {
      namespace(name, bad());
    }
    assertThat(status(SPEC).violations())
        .extracting(v -> v.namespace())
        .containsExactly("a", "b", "c", "a", "b", "c"); // MemoryLimitMissing, CpuLimitMissing
  }

  @Test
  void anExceptionSilencesOneCheckInOneNamespace() {
    namespace("a", bad());
    namespace("b", bad());
    var status =
        status(SPEC + ", exceptions: [{check: MemoryLimitMissing, namespaces: [a], reason: r}]");
    assertThat(status.workloads())
        .as("of a, the one pod that violates another check too")
        .isEqualTo(new WorkloadCounts(10, 6, 4));
    assertThat(status.violationCount()).isEqualTo(3);
  }

  @Test
  void withoutAVerdictOfThisGenerationItIsObserving() {
    namespace("a", verdict(4, Map.of()));
    namespace("b", new WorkloadVerdict("uid-p", 0, 1, Map.of(), List.of(), Preview.NONE));
    var status = status(SPEC);
    assertThat(condition(status, "WorkloadsCompliant")).isEqualTo("Unknown Observing");
    assertThat(condition(status, "Ready")).isEqualTo("Unknown Observing");
    assertThat(condition(status, "NamespacesCompliant")).isEqualTo("True Compliant");
  }

  @Test
  void unwatchedPodsAreUnknownAndReported() {
    namespace("a", null);
    trouble = FORBIDDEN;
    var status = status(SPEC);
    assertThat(condition(status, "WorkloadsCompliant")).isEqualTo("Unknown Forbidden");
    assertThat(condition(status, "Ready")).isEqualTo("False Forbidden");
    assertThat(condition(status, "NamespacesCompliant")).isEqualTo("True Compliant");
    assertThat(condition(status, "Compliant")).startsWith("Unknown");
  }

  @Test
  void aPolicyThatIsNotAboutPodsDoesNotMissThem() {
    namespace("a", null);
    trouble = FORBIDDEN;
    assertThat(condition(status("namespaces: {selector: {}}"), "Ready")).isEqualTo("True Audited");
  }

  @Test
  void whatWouldBeRejectedIsAViolationOfTheWorkloadAndNotOfItsNamespace() {
    namespace("a", verdict(4, Map.of(), finding(Check.WouldReject, "StatefulSet", "db")));
    namespace("b", verdict(4, Map.of()));
    var status = status("namespaces: {selector: {}, " + Policies.LIMIT_RANGE + "}");
    assertThat(status.namespaces().summary()).isEqualTo("2/2");
    assertThat(status.preview()).isEqualTo(new PreviewCounts(6, 4, 0));
    assertThat(condition(status, "NamespacesCompliant")).isEqualTo("True Compliant");
    assertThat(condition(status, "WorkloadsCompliant")).isEqualTo("False ViolationsFound");
    assertThat(condition(status, "Compliant")).isEqualTo("False ViolationsFound");
    assertThat(status.violations())
        .extracting(v -> v.check() + " " + v.kind() + " " + v.namespace() + "/" + v.name())
        .containsExactly("WouldReject StatefulSet a/db");
    assertThat(status.workloads()).isNull();
  }

  @Test
  void withoutAPreviewNoWorkloadIsCalledCompliant() {
    namespace("a", null);
    var spec = "namespaces: {selector: {}, " + Policies.LIMIT_RANGE + "}";
    assertThat(condition(status(spec), "WorkloadsCompliant")).isEqualTo("Unknown Observing");
    assertThat(condition(status(spec), "Compliant")).isEqualTo("Unknown Observing");
    trouble = FORBIDDEN;
    assertThat(condition(status(spec), "WorkloadsCompliant")).isEqualTo("Unknown Forbidden");
    assertThat(condition(status(spec), "Ready")).isEqualTo("False Forbidden");
  }

  @Test
  void waitingIsByThePolicysOwnWish() {
    namespace("a", verdict(1, Map.of()));
    namespaces.put("a", NamespaceVerdict.waiting("uid-p", 1, List.of()));
    var spec =
        "mode: Enforce, rollout: WhenSafe, namespaces: {selector: {}, "
            + Policies.LIMIT_RANGE
            + "}";
    var status = status(spec);
    assertThat(status.preview().waiting()).isEqualTo(1);
    assertThat(condition(status, "Ready")).isEqualTo("True Enforced");
    assertThat(message(status, "Ready")).contains("1 namespace waits");
  }

  @Test
  void aRejectedWorkloadWithoutAnyPodIsNotCompliant() {
    namespace("a", verdict(0, Map.of(), finding(Check.RejectedByPolicy, "Deployment", "hog")));
    var status = status(SPEC);
    assertThat(condition(status, "NamespacesCompliant")).isEqualTo("True Compliant");
    assertThat(condition(status, "WorkloadsCompliant")).isEqualTo("False ViolationsFound");
    assertThat(message(status, "WorkloadsCompliant")).isEqualTo("pods of 1 workload are rejected");
    namespaces.clear();
    selected.clear();
    namespace("a", verdict(3, Map.of(), finding(Check.WouldReject, "Deployment", "full")));
    assertThat(message(status(SPEC), "WorkloadsCompliant"))
        .isEqualTo("1 violation, none of a single pod");
  }

  @Test
  void messagesHaveTheRightPlural() {
    namespace("a", verdict(0, Map.of()));
    assertThat(message(status(SPEC), "WorkloadsCompliant")).isEqualTo("no pods in 1 namespace");
    assertThat(message(status(SPEC), "Compliant")).isEqualTo("no violations");
    namespace("b", verdict(1, Map.of(), finding(Check.WouldReject, "Pod", "p")));
    assertThat(message(status(SPEC), "Compliant")).isEqualTo("1 violation: 1 critical");
  }

  @Test
  void aSelectorThatMatchesNothingIsNotCompliant() {
    var spec = SPEC + ", nodes: {selector: {}, pressure: {cpu: {some: 50}}}";
    var status = status(spec);
    assertThat(status.namespaces().summary()).isEqualTo("0/0");
    for (var type :
        List.of(
            "NamespacesCompliant",
            "WorkloadsCompliant",
            "NodesCompliant",
            "PressureNormal",
            "Compliant")) {
      assertThat(condition(status, type)).as(type).isEqualTo("Unknown NothingSelected");
    }
    assertThat(condition(status, "Ready")).as("it was evaluated").isEqualTo("True Audited");
    assertThat(message(status, "Compliant"))
        .isEqualTo(
            "spec.namespaces.selector matches no namespace; spec.nodes.selector matches no node");
    namespace("a", bad());
    assertThat(condition(status(spec), "Compliant")).isEqualTo("False ViolationsFound");
    pods.put("a", verdict(1, Map.of()));
    assertThat(condition(status(spec), "Compliant"))
        .as("its nodes are missing, its namespace complies")
        .isEqualTo("Unknown NothingSelected");
  }

  @Test
  void whatPoliciesOfHigherPriorityGovernIsNotMissed() {
    var policy = Policies.compiled("p", SPEC + ", nodes: {selector: {}}");
    var status =
        PolicyStatusFactory.create(
                new Input(
                    policy,
                    null,
                    new Namespaces(List.of(), namespaces::get, Map.of(), true),
                    new Nodes(List.of(), n -> null, n -> null, null, List.of(), true),
                    Workloads.NONE,
                    null,
                    null,
                    NOW))
            .status();
    assertThat(condition(status, "Compliant")).isEqualTo("True Compliant");
    assertThat(message(status, "NodesCompliant"))
        .isEqualTo("policies of higher priority govern every node that the policy selects");
  }

  @Test
  void whatIsWrongComesFirst() {
    namespace("a", bad());
    assertThat(status(SPEC + ", nodes: {selector: {}}").conditions())
        .extracting(c -> c.getType() + " " + c.getStatus())
        .containsExactly(
            "WorkloadsCompliant False",
            "Compliant False",
            "NodesCompliant Unknown",
            "Ready True",
            "NamespacesCompliant True",
            "PressureNormal True");
  }

  @Test
  void hazardousNeighboursAreDrift() {
    var good = new NodeJudgement(null, List.of(), List.of(), List.of());
    nodes =
        new Nodes(
            List.of("n1", "n2", "n3"),
            node -> new NodeVerdict("uid-p", 1, good, null),
            node -> null,
            null,
            List.of());
    neighbours.put("n1", new NeighbourVerdict("uid-p", 1, null));
    neighbours.put(
        "n2",
        new NeighbourVerdict(
            "uid-p", 1, Finding.of(Check.HazardousNeighbours, "none", "1 pod", "one beside one")));
    var spec = SPEC + ", nodes: {selector: {}}";
    var status = status(spec);
    assertThat(status.nodes().drifted()).isEqualTo(1);
    assertThat(status.nodes().unknown()).as("n3 is not looked at yet").isEqualTo(1);
    assertThat(condition(status, "NodesCompliant")).isEqualTo("False DriftFound");
    assertThat(status.violations())
        .extracting(v -> v.check() + " " + v.kind() + " " + v.name())
        .containsExactly("HazardousNeighbours Node n2");
    var excepted =
        status(spec + ", exceptions: [{check: HazardousNeighbours, nodes: [n2], reason: r}]");
    assertThat(excepted.nodes().compliant()).isEqualTo(2);
    assertThat(condition(excepted, "NodesCompliant")).isEqualTo("Unknown Observing");
    neighbours.remove("n2");
    trouble = FORBIDDEN;
    assertThat(condition(status(spec), "NodesCompliant")).isEqualTo("Unknown Undetermined");
  }
}
