package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.LabNode.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.testing.LabKubelet;
import io.cgrouppolicy.testing.LabNode;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.WorkDirectory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A kernel without PSI, whose kubelet reports zeroes.
@Tag("node")
class PressureOffNodeIT {
  private static final String POLICY =
      """
      apiVersion: cgroup-policy.io/v1alpha1
      kind: CgroupPolicy
      metadata: {name: pressed}
      spec:
        nodes:
          selector: {}
          pressure: {memory: {full: 5}}
      """;

  @AutoClose private static LabNode node;
  @AutoClose private static OperatorProcess operator;

  @BeforeAll
  static void start() throws Exception {
    node = new LabNode(WorkDirectory.resolve("psi-off"), "--kernel-args", "psi=0");
    operator = node.operator();
  }

  @Test
  void isUnavailableAndNotCalm() {
    node.create(POLICY);
    eventually(
        () ->
            assertThat(new LabKubelet(node).findings("pressed"))
                .extracting(Violation::check, Violation::actual)
                .containsExactly(tuple("PressureUnavailable", "PsiOff")));
  }
}
