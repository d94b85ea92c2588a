package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.SharedOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Mode Audit reports and writes nothing.
class AuditIT {
  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  @EmbeddedCluster("audit log")
  void auditReportsAndWritesNothing() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Audit", 256);
    eventually(
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
          assertThat(fixture.status("p", "Compliant")).isEqualTo("False ViolationsFound");
          assertThat(fixture.checks("p"))
              .containsExactly("LimitRangeMissing", "ResourceQuotaMissing");
        });
    assertThat(fixture.limitRange(namespace)).isNull();

    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    fixture.policy("p", "mode: Audit", 512);
    eventually(() -> assertThat(fixture.checks("p")).contains("LimitRangeDrifted"));
    assertThat(fixture.memory(namespace)).as("turning back leaves the objects").isEqualTo("256Mi");
    assertThat(
            LocalCluster.get().operatorWrites().stream()
                .filter(w -> w.contains(namespace + "/limitranges")))
        .hasSize(1);
  }

  @Test
  void anAuditPolicyOfHigherPriorityDoesNotDisarm() {
    fixture.policy("enforced", "mode: Enforce", 128);
    fixture.policy("draft", "mode: Audit; priority: 10", 256);
    var namespace = fixture.namespace("a");
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("128Mi"));
    eventually(() -> assertThat(fixture.checks("draft")).contains("LimitRangeDrifted"));
    eventually(
        () -> assertThat(fixture.status("enforced", "Compliant")).isEqualTo("True Compliant"));
  }
}
