package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.LabNode.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.LabNode;
import io.cgrouppolicy.testing.LabPod;
import io.cgrouppolicy.testing.OperatorProcess;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the limits of a policy mean for a real kernel.
@Tag("node")
class ContainmentNodeIT {
  private static final String POLICY =
      """
      apiVersion: cgroup-policy.io/v1alpha1
      kind: CgroupPolicy
      metadata: {name: contained}
      spec:
        mode: Enforce
        namespaces:
          selector: {matchLabels: {contained: "true"}}
          limitRange:
            limits:
              - type: Container
                default: {cpu: 500m, memory: 128Mi}
                defaultRequest: {cpu: 50m, memory: 32Mi}
      """;

  private static LabNode node;
  private static OperatorProcess operator;

  @BeforeAll
  static void start() throws IOException {
    node = LabNode.shared();
    operator = node.operator();
    node.create(POLICY);
    node.namespace("contained", Map.of("contained", "true"));
    var limitRanges = node.client().limitRanges().inNamespace("contained");
    eventually(() -> assertThat(limitRanges.list().getItems()).hasSize(1));
  }

  @AfterAll
  static void stop() {
    if (node != null) {
      node.delete("contained", "contained");
    }
    if (operator != null) {
      operator.close();
    }
  }

  private static LabPod pod(String name, String script) {
    return LabPod.create(node, "contained", name, script);
  }

  @Test
  void theDefaultsAreInTheCgroupOfAContainerWithoutLimits() {
    var cgroup = pod("plain", "sleep 3600").running().containerCgroup();
    assertThat(node.read(cgroup + "/memory.max")).isEqualTo(String.valueOf(128L << 20));
    assertThat(node.read(cgroup + "/cpu.max")).isEqualTo("50000 100000");
  }

  @Test
  void aMemoryHogDiesInItsOwnCgroup() {
    var neighbor = pod("neighbor", "sleep 3600").running();
    var hog = pod("hog", "dd if=/dev/zero of=/dev/null bs=300M count=1");
    eventually(
        () ->
            assertThat(hog.get().getStatus().getContainerStatuses())
                .extracting(container -> container.getState().getTerminated())
                .singleElement()
                .isNotNull()
                .extracting(terminated -> terminated.getReason())
                .isEqualTo("OOMKilled"));
    assertThat(neighbor.container().getRestartCount()).isZero();
    assertThat(neighbor.get().getStatus().getPhase()).isEqualTo("Running");
    assertThat(node.ready()).isTrue();
  }
}
