package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.OpenReports;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Reports where the CRDs, the permission or the setting is missing.
@EmbeddedCluster("reads the audit log")
class OpenReportsMissingIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeEach
  @AfterEach
  void nothingIsInstalled() {
    OpenReports.revoke();
    OpenReports.uninstall();
  }

  private String namespace() {
    var namespace = fixture.namespace("a");
    new Workloads(fixture, namespace).pod("bare", Workloads.UNLIMITED);
    return namespace;
  }

  private void policy() {
    fixture.apply(
        "p", fixture.yaml("p", "mode: Enforce; workloads: {requireLimits: [memory]}", 256));
  }

  private void status(String expected) {
    within(PATIENCE, () -> assertThat(fixture.status("p", "ReportsPublished")).isEqualTo(expected));
  }

  @Test
  void whatIsMissingIsReportedUntilItIsThere() {
    var namespace = namespace();
    try (var operator = new OperatorProcess(OpenReports.SETTINGS)) {
      policy();
      status("False Forbidden");
      assertThat(fixture.condition("p", "ReportsPublished").getMessage())
          .contains("cannot list reports")
          .contains("openreports.io");
      assertThat(fixture.memory(namespace)).as("everything else works").isEqualTo("256Mi");
      assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");

      OpenReports.grant();
      status("False CrdNotInstalled");
      assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
      assertThat(fixture.policyEvents("p"))
          .as("an event, once")
          .filteredOn(event -> event.getNote().startsWith("ReportsPublished is False"))
          .hasSize(1);

      OpenReports.install();
      status("True Published");
      within(
          PATIENCE, () -> assertThat(OpenReports.reports(fixture.client, namespace)).isNotEmpty());

      OpenReports.uninstall();
      status("False CrdNotInstalled");
      assertThat(operator.alive()).isTrue();
    }
  }

  /// The CRDs and the permission alone change nothing.
  @Test
  void withoutTheSettingNoRequestIsSent() {
    OpenReports.install();
    OpenReports.grant();
    SharedOperator.get();
    int before = OpenReports.requests().size();
    var namespace = namespace();
    policy();
    eventually(
        () ->
            assertThat(fixture.status("p", "WorkloadsCompliant"))
                .isEqualTo("False ViolationsFound"));
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("256Mi"));
    assertThat(fixture.condition("p", "ReportsPublished")).isNull();
    assertThat(OpenReports.requests()).hasSize(before);
  }
}
