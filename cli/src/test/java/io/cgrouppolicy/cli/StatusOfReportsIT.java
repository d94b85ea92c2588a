package io.cgrouppolicy.cli;

import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.NamespaceOwner;
import io.cgrouppolicy.testing.OpenReports;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.Workloads;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `kubectl cgp status` for the owner of a namespace, from the Reports in it.
@EmbeddedCluster("installs CRDs and an operator with other settings")
class StatusOfReportsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static OperatorProcess operator;

  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeAll
  static void start() {
    OpenReports.install();
    OpenReports.grant();
    operator = new OperatorProcess(OpenReports.SETTINGS);
  }

  @AfterAll
  static void stop() {
    try {
      operator.close();
    } finally {
      OpenReports.revoke();
      OpenReports.uninstall();
    }
  }

  @Test
  void anOwnerOfANamespaceSeesItsViolations() {
    var namespace = fixture.namespace("a");
    var workloads = new Workloads(fixture, namespace);
    for (int i = 0; i < 110; i++) {
      workloads.pod("bare-" + i, Workloads.UNLIMITED);
    }
    fixture.applySpec(
        "p",
        "namespaces: {selector: {matchLabels: {test: %s}}}\nworkloads: {requireLimits: [memory]}"
            .formatted(fixture.id));
    within(
        PATIENCE,
        () -> assertThat(fixture.status("p", "ReportsPublished")).isEqualTo("True Published"));
    try (var owner = new NamespaceOwner(fixture)) {
      owner.grant(namespace, "view");
      assertThat(status(namespace).err())
          .contains("you may not list cgrouppolicies, and there is no Report in namespace ");
      owner.grant(namespace, "cgroup-policy-report-viewer", "openreports.io", "reports");
      var status = status(namespace);
      assertThat(status.exitCode()).as(status.toString()).isEqualTo(KubectlCgp.FOUND);
      var policy = status.json().path("policies").path(0);
      assertThat(policy.path("name").asText()).isEqualTo(fixture.id + "-p");
      assertThat(policy.path("status").path("violations"))
          .hasSize(110)
          .allSatisfy(
              violation -> {
                assertThat(violation.path("check").asText()).isEqualTo("MemoryLimitMissing");
                assertThat(violation.path("severity").asText()).isEqualTo("High");
                assertThat(violation.path("message").asText()).contains("no memory limit");
              });
    }
  }

  private static Cli status(String namespace) {
    return Cli.run(
        "status",
        "--kubeconfig",
        LocalCluster.get().adminKubeconfig().toString(),
        "--as",
        NamespaceOwner.NAME,
        "-n",
        namespace,
        "-o",
        "json");
  }
}
