package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.LabNode.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.LabOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the limits of a policy mean for a real kernel.
@Tag("node")
class ContainmentNodeIT {
  @RegisterExtension
  static final LabOperator lab =
      new LabOperator(
          "contained",
          """
          mode: Enforce
          namespaces:
            selector: {matchLabels: {name: contained}}
            limitRange:
              limits:
                - type: Container
                  default: {cpu: 500m, memory: 128Mi}
                  defaultRequest: {cpu: 50m, memory: 32Mi}
          """);

  @BeforeAll
  static void awaitLimits() {
    var limitRanges = lab.node().client().limitRanges().inNamespace("contained");
    eventually(() -> assertThat(limitRanges.list().getItems()).hasSize(1));
  }

  @Test
  void theDefaultsAreInTheCgroupOfAContainerWithoutLimits() {
    var cgroup = lab.pod("plain", "sleep 3600").running().containerCgroup();
    assertThat(lab.node().read(cgroup + "/memory.max")).isEqualTo(String.valueOf(128L << 20));
    assertThat(lab.node().read(cgroup + "/cpu.max")).isEqualTo("50000 100000");
  }

  @Test
  void aMemoryHogDiesInItsOwnCgroup() {
    var neighbor = lab.pod("neighbor", "sleep 3600").running();
    // The runtime needs a moment until it notices who kills a process.
    var hog = lab.pod("hog", "sleep 2; dd if=/dev/zero of=/dev/null bs=300M count=1");
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
    assertThat(lab.node().ready()).isTrue();
  }
}
