package io.cgrouppolicy.core.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The condition ReportsPublished, and which reports wait for verdicts.
class ReportsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final NamespaceVerdict JUDGED = new NamespaceVerdict("u", 1, null, List.of());
  private static final WorkloadVerdict PODS =
      new WorkloadVerdict("u", 1, 0, Map.of(), List.of(), WorkloadVerdict.Preview.NONE);

  private final CompiledPolicy policy =
      CompiledPolicy.of(
          Serialization.unmarshal(
              """
              apiVersion: cgroup-policy.io/v1alpha1
              kind: CgroupPolicy
              metadata: {name: p, uid: u, generation: 1}
              spec: {namespaces: {selector: {}}, workloads: {}, nodes: {selector: {}}}
              """,
              CgroupPolicy.class));

  private Input input(
      Map<String, NamespaceVerdict> verdicts,
      Map<String, WorkloadVerdict> pods,
      List<String> nodes,
      Trouble cluster,
      Reports reports) {
    return new Input(
        policy,
        null,
        new Namespaces(List.of("a", "b"), verdicts::get, Map.of()),
        new Nodes(nodes, node -> null, node -> null, null, List.of()),
        new Workloads(pods::get, node -> null, null),
        cluster,
        null,
        reports,
        NOW);
  }

  private Evaluated evaluated(
      Map<String, NamespaceVerdict> verdicts, Map<String, WorkloadVerdict> pods) {
    return Evaluated.of(input(verdicts, pods, List.of(), null, null));
  }

  @Test
  void aNamespaceWithoutAVerdictKeepsItsReports() {
    var evaluated = evaluated(Map.of("a", JUDGED), Map.of("a", PODS, "b", PODS));
    assertThat(evaluated.holds("a")).isFalse();
    assertThat(evaluated.holds("b")).isTrue();
    assertThat(evaluated.holds("left")).as("no longer selected").isFalse();
    assertThat(evaluated.holds(null)).as("nodes").isFalse();
    assertThat(evaluated.complete()).isFalse();
  }

  @Test
  void soDoesOneWhosePodsOrGenerationAreNotEvaluated() {
    var old = new NamespaceVerdict("u", 0, null, List.of());
    assertThat(evaluated(Map.of("a", old, "b", JUDGED), Map.of("a", PODS)).pending())
        .containsExactlyInAnyOrder("a", "b");
    assertThat(evaluated(Map.of("a", JUDGED, "b", JUDGED), Map.of("a", PODS, "b", PODS)).complete())
        .isTrue();
  }

  @Test
  void oneNodeWithoutAVerdictHoldsTheReportsOfNodes() {
    var judged = Map.of("a", JUDGED, "b", JUDGED);
    var pods = Map.of("a", PODS, "b", PODS);
    var evaluated = Evaluated.of(input(judged, pods, List.of("n1"), null, null));
    assertThat(evaluated.holds(null)).isTrue();
    assertThat(evaluated.holds("a")).isFalse();
  }

  @Test
  void anOperatorThatIsBlindHoldsAll() {
    var trouble = new Trouble("Forbidden", "m");
    var evaluated = Evaluated.of(input(Map.of(), Map.of(), List.of(), trouble, null));
    assertThat(evaluated.holds("left")).isTrue();
    assertThat(evaluated.holds(null)).isTrue();
  }

  private String condition(Reports reports) {
    return condition(null, reports);
  }

  private String condition(CgroupPolicyStatus previous, Reports reports) {
    var input = input(previous, reports);
    return PolicyStatusFactory.create(input).status().conditions().stream()
        .filter(condition -> condition.getType().equals("ReportsPublished"))
        .map(condition -> condition.getStatus() + " " + condition.getReason())
        .findFirst()
        .orElse(null);
  }

  @Test
  void theConditionExistsOnlyWithTheSetting() {
    assertThat(condition(null)).isNull();
    assertThat(condition(Reports.NONE)).isEqualTo("Unknown Observing");
    assertThat(condition(new Reports(Map.of(), NOW, null, true))).isEqualTo("True Published");
    var missing = new Trouble("CrdNotInstalled", "m");
    assertThat(condition(new Reports(Map.of(), null, missing, true)))
        .isEqualTo("False CrdNotInstalled");
  }

  private Input input(CgroupPolicyStatus previous, Reports reports) {
    var pods = Map.of("a", PODS, "b", PODS);
    var all = input(Map.of("a", JUDGED, "b", JUDGED), pods, List.of(), null, reports);
    return new Input(
        policy, previous, all.namespaces(), all.nodes(), all.workloads(), null, null, reports, NOW);
  }

  @Test
  void afterARestartItStaysTrueUntilMoreIsKnown() {
    var published = new Reports(Map.of(), NOW, null, true);
    var previous = PolicyStatusFactory.create(input(null, published)).status();
    assertThat(condition(previous, Reports.NONE)).isEqualTo("True Published");
    var missing = new Reports(Map.of(), null, new Trouble("CrdNotInstalled", "m"), false);
    assertThat(condition(previous, missing)).isEqualTo("False CrdNotInstalled");
    previous = PolicyStatusFactory.create(input(null, missing)).status();
    assertThat(condition(previous, Reports.NONE)).isEqualTo("Unknown Observing");
  }

  @Test
  void theConditionSaysNothingAboutTheOthers() {
    var trouble = new Reports(Map.of(), null, new Trouble("Forbidden", "m"), false);
    var pods = Map.of("a", PODS, "b", PODS);
    var judged = Map.of("a", JUDGED, "b", JUDGED);
    var with = PolicyStatusFactory.create(input(judged, pods, List.of(), null, trouble)).status();
    var without = PolicyStatusFactory.create(input(judged, pods, List.of(), null, null)).status();
    assertThat(with.conditions())
        .filteredOn(condition -> !condition.getType().equals("ReportsPublished"))
        .containsExactlyInAnyOrderElementsOf(without.conditions());
  }
}
