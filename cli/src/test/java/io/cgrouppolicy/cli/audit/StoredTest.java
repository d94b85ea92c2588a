package io.cgrouppolicy.cli.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoredTest {
  private static final String LISTED =
      """
      {observedGeneration: 2, violationCount: 3,
       violationsByCheck: {MemoryLimitMissing: 2, CgroupVersion: 1},
       violations: [%s]}
      """;

  private static CgroupPolicy policy(String status) {
    return Serialization.unmarshal(
        """
        apiVersion: cgroup-policy.io/v1alpha1
        kind: CgroupPolicy
        metadata: {name: p, uid: u, generation: 2}
        spec: {mode: Enforce}
        status: %s
        """
            .formatted(status),
        CgroupPolicy.class);
  }

  private static String violation(String check, String name) {
    return "{check: %s, severity: High, kind: Pod, name: %s, message: %s}"
        .formatted(check, name, name);
  }

  private static List<String> names(List<Violation> violations) {
    return violations.stream().map(Violation::name).toList();
  }

  private static List<String> problems(String status) {
    return Stored.problems(policy(status)).stream().map(Object::toString).toList();
  }

  @Test
  void nothingIsCutFromAShortStatus() {
    var report = Stored.report(policy("{observedGeneration: 2}"));
    assertThat(report.status().violations()).isEmpty();
    assertThat(Stored.cut(report)).isEmpty();
    assertThat(report.mode()).isEqualTo("Enforce");
  }

  /// What the operator lists in full stays as it says, because it sees more than a user.
  @Test
  void onlyCutChecksAreEvaluatedAgain() {
    var listed = violation("CgroupVersion", "node") + ", " + violation("MemoryLimitMissing", "a");
    var report = Stored.report(policy(LISTED.formatted(listed)));
    assertThat(Stored.cut(report)).containsExactly("MemoryLimitMissing");
    var evaluated =
        Stored.report(
            policy(
                LISTED.formatted(
                    violation("MemoryLimitMissing", "a")
                        + ", "
                        + violation("MemoryLimitMissing", "b")
                        + ", "
                        + violation("CgroupVersion", "other"))));
    var completed = Stored.completed(report, evaluated.status());
    assertThat(names(completed.status().violations())).containsExactly("a", "b", "node");
    assertThat(completed.status().violationsByCheck())
        .containsEntry("MemoryLimitMissing", 2)
        .containsEntry("CgroupVersion", 1);
    assertThat(completed.origin()).contains("2 of 3 violations", "MemoryLimitMissing");
  }

  @Test
  void namesTheChecksOfANewerOperator() {
    var report =
        Stored.report(
            policy(
                """
                {observedGeneration: 2, violationCount: 3, violationsByCheck: {CgroupVersion: 1, FromTheFuture: 2},
                 violations: [%s, %s]}
                """
                    .formatted(
                        violation("CgroupVersion", "node"), violation("FromTheFuture", "x"))));
    assertThat(Stored.unknown(report).stream().map(Object::toString))
        .containsExactly(
            "cluster: policy p: check FromTheFuture is not known to this version of kubectl cgp: update it"
                + " to see 2 violations");
    assertThat(names(Stored.known(report).status().violations())).containsExactly("node");
    assertThat(Stored.cut(Stored.known(report))).isEmpty();
  }

  @Test
  void saysWhyAStatusMayBeWrong() {
    assertThat(problems("null"))
        .containsExactly("cluster: policy p: no operator has seen the policy: check that one runs");
    assertThat(problems("{observedGeneration: -1}")).hasSize(1);
    assertThat(problems("{observedGeneration: 1}"))
        .containsExactly(
            "cluster: policy p: the status is of generation 1, but the policy has generation 2");
    assertThat(
            problems(
                """
                {observedGeneration: 2, conditions: [
                  {type: Ready, status: "False", reason: Forbidden, message: cannot list pods},
                  {type: KubeletConfigUnsafe, status: "True", reason: KubeletWouldNotComply, message: it ignores x},
                  {type: Compliant, status: "False", reason: ViolationsFound, message: 3 violations}]}
                """))
        .containsExactly(
            "cluster: policy p: Ready is not true: cannot list pods",
            "cluster: policy p: KubeletConfigUnsafe KubeletWouldNotComply: it ignores x");
    assertThat(problems("{observedGeneration: 2}")).isEmpty();
  }
}
