package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Comparator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A policy's status, which always describes the latest spec.
class StatusIT {
  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void anImpossiblePolicyChangesNothing() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    var before = fixture.limitRange(namespace).getMetadata().getResourceVersion();
    fixture.apply("p", fixture.impossible("p"));
    eventually(
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("False InvalidSpec");
          assertThat(fixture.status("p", "Stalled")).isEqualTo("True InvalidSpec");
          assertThat(fixture.condition("p", "Ready").getMessage())
              .contains("spec.namespaces.limitRange.limits[0].maxLimitRequestRatio[memory]");
        });
    assertThat(fixture.limitRange(namespace).getMetadata().getResourceVersion()).isEqualTo(before);
    fixture.policy("p", "mode: Enforce", 512);
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("512Mi"));
    eventually(() -> assertThat(fixture.status("p", "Stalled")).isNull());
  }

  /// The regression test for JOSDK#3398: a spec change just before the operator's own status write.
  @Test
  void noSpecChangeIsLostAroundAStatusWrite() {
    var namespace = fixture.namespace("a");
    for (int memory = 100; memory < 140; memory++) {
      fixture.policy("p", "mode: Enforce", memory);
      if (memory % 5 == 0) {
        int expected = memory;
        eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo(expected + "Mi"));
      }
    }
    eventually(
        () -> {
          assertThat(fixture.memory(namespace)).isEqualTo("139Mi");
          assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
        });
  }

  @Test
  void countsAllViolationsAndListsAHundred() {
    for (int i = 0; i < 120; i++) {
      fixture.namespace("n" + i);
    }
    var yaml = fixture.yaml("p", "mode: Audit", 256);
    fixture.apply("p", yaml.substring(0, yaml.indexOf("    resourceQuota")));
    eventually(
        () -> {
          assertThat(fixture.status("p", "Compliant")).isEqualTo("False ViolationsFound");
          assertThat(fixture.get("p").getStatus().violationCount()).isEqualTo(120);
        });
    var status = fixture.get("p").getStatus();
    assertThat(status.namespaces().summary()).isEqualTo("0/120");
    assertThat(status.namespaces().nonCompliant()).isEqualTo(120);
    assertThat(status.violations())
        .hasSize(100)
        .isSortedAccordingTo(Comparator.comparing(Violation::name))
        .allSatisfy(v -> assertThat(v.check()).isEqualTo("LimitRangeMissing"));
    assertThat(status.violations().getFirst().name()).isEqualTo(fixture.id + "-n0");
    assertThat(Serialization.asJson(status)).hasSizeLessThan(64 * 1024);
  }

  @Test
  void kubectlCanWaitForIt() {
    fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    var policy = "cgp/" + fixture.id + "-p";
    for (var condition : new String[] {"Ready", "Compliant"}) {
      assertThat(Kubectl.run("wait", "--for=condition=" + condition, "--timeout=30s", policy))
          .contains("condition met");
    }
    assertThat(Kubectl.run("get", policy).lines().toList().getLast())
        .containsPattern("Enforce +True +True +1/1 +0 ");
  }
}
