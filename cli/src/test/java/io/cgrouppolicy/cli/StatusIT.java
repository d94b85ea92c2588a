package io.cgrouppolicy.cli;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Workloads.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.NamespaceOwner;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `kubectl cgp status` on a real API server, beside an operator.
class StatusIT {
  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();

  private Cli status(String... more) {
    var kubeconfig = LocalCluster.get().adminKubeconfig().toString();
    var args = new ArrayList<>(List.of("status", fixture.id + "-p", "--kubeconfig", kubeconfig));
    args.addAll(List.of(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private static JsonNode violations(Cli status) {
    return status.json().path("policies").path(0).path("status").path("violations");
  }

  /// 120 pods without a memory limit and one without a CPU request.
  private void many() {
    var workloads = new Workloads(fixture, fixture.namespace("many"));
    for (int i = 0; i < 120; i++) {
      workloads.pod("pod-" + i, UNLIMITED);
    }
    new Workloads(fixture, fixture.namespace("few")).pod("one", UNLIMITED);
    fixture.applySpec(
        "p",
        "namespaces: {selector: {matchLabels: {test: %s}}}\nworkloads: {requireLimits: [memory]}"
            .formatted(fixture.id));
    eventually(() -> assertThat(fixture.get("p").getStatus().violationCount()).isEqualTo(121));
  }

  @Test
  void showsAllViolationsOfAStatusThatListsAHundred() {
    many();
    assertThat(fixture.violations("p")).hasSize(100);
    var all = status("-o", "json");
    assertThat(all.exitCode()).as(all.err()).isEqualTo(KubectlCgp.FOUND);
    assertThat(violations(all)).hasSize(121);
    assertThat(all.json().path("policies").path(0).path("origin").asText())
        .isEqualTo(
            "cluster; its status lists 100 of 121 violations, so MemoryLimitMissing were evaluated"
                + " now");
  }

  @Test
  void showsOneNamespaceCheckOrNode() {
    many();
    var few = violations(status("-n", fixture.id + "-few", "-o", "json"));
    assertThat(few).hasSize(1);
    assertThat(few.path(0).path("name").asText()).isEqualTo("one");
    assertThat(violations(status("--check", "MemoryLimitMissing", "-o", "json"))).hasSize(121);
    var other = status("--check", "BestEffortPod");
    assertThat(other.exitCode()).isEqualTo(KubectlCgp.OK);
    assertThat(other.out()).contains("No violations.");
    assertThat(violations(status("--node", "one", "-o", "json"))).isEmpty();
    assertThat(status("--check", "Nonsense").err()).contains("Nonsense", "MemoryLimitMissing");
  }

  @Test
  void showsWhyAPolicyIsNotReady() {
    fixture.apply("p", fixture.impossible("p"));
    eventually(() -> assertThat(fixture.status("p", "Stalled")).startsWith("True"));
    var status = status();
    assertThat(status.exitCode()).isEqualTo(KubectlCgp.FOUND);
    assertThat(status.out())
        .contains("Problems of policies")
        .contains("policy " + fixture.id + "-p: Stalled InvalidSpec: spec.");
  }

  @Test
  void aPolicyWithoutViolationsIsFine() {
    fixture.namespace("a");
    fixture.apply("p", fixture.yaml("p", "mode: Enforce", 256));
    eventually(() -> assertThat(fixture.status("p", "Compliant")).startsWith("True"));
    var status = status();
    assertThat(status.exitCode()).as(status.toString()).isEqualTo(KubectlCgp.OK);
    assertThat(status.out())
        .contains(
            "Policy " + fixture.id + "-p (cluster)", "Namespaces  compliant", "No violations.");
  }

  @Test
  void errorsNameTheirCause() {
    fixture.applySpec("q", "namespaces: {selector: {}}");
    var missing = status();
    assertThat(missing.exitCode()).isEqualTo(KubectlCgp.FAILED);
    assertThat(missing.err()).isEqualTo("error: CgroupPolicy " + fixture.id + "-p not found\n");
    assertThat(status("--as", NamespaceOwner.NAME).err())
        .contains("you may not list cgrouppolicies: ", "use kubectl cgp audit");
  }
}
