package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static io.cgrouppolicy.testing.Workloads.LIMITED;
import static io.cgrouppolicy.testing.Workloads.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.Permissions;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Revokes permissions on pods and their controllers. The operator reports it or works without
/// them, still protects namespaces and judges nodes, and recovers when the permission returns.
class PodPermissionsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @RegisterExtension final Fixture fixture = new Fixture();

  private void policy(String more) {
    fixture.policy("p", "mode: Enforce; workloads: {requireLimits: [memory]}" + more, 256);
  }

  private void isForbidden(String verb) {
    within(PATIENCE, () -> fixture.assertForbidden("p", verb, "pods", "WorkloadsCompliant"));
  }

  private List<String> workloads() {
    return fixture
        .violations("p")
        .filter(v -> v.check().equals("MemoryLimitMissing"))
        .map(v -> v.kind() + " " + v.name())
        .toList();
  }

  @Test
  void listOfPodsAtTheStart() {
    var namespace = fixture.namespace("a");
    new Workloads(fixture, namespace).pod("bad", UNLIMITED);
    SharedOperator.stop();
    policy("; nodes: {selector: {matchLabels: {test: " + fixture.id + "}}, cgroupVersion: V2}");
    OperatorProcess operator;
    try (var missing = Permissions.without("list", "pods")) {
      operator = SharedOperator.get();
      within(PATIENCE, () -> assertThat(fixture.quota(namespace)).isNotNull());
      isForbidden("list");
      assertThat(fixture.status("p", "NodesCompliant")).isEqualTo("Unknown NothingSelected");
      var late = fixture.namespace("late");
      eventually(() -> assertThat(fixture.quota(late)).isNotNull());
      assertThat(operator.get("/q/health/ready")).startsWith("200");
      assertThat(operator.get("/q/health/live")).startsWith("200");
    }
    within(
        PATIENCE,
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
          assertThat(workloads()).containsExactly("Pod bad");
        });
    assertThat(operator.alive()).isTrue();
  }

  /// The API server keeps a running watch whose permission is revoked; its restart ends the watch.
  @Test
  @EmbeddedCluster("restarts the API server")
  void watchOfPodsWhileItRuns() {
    SharedOperator.get();
    var workloads = new Workloads(fixture, fixture.namespace("a"));
    policy("");
    within(
        PATIENCE, () -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    try (var missing = Permissions.without("watch", "pods")) {
      LocalCluster.get().restartApiServer();
      isForbidden("watch");
      var late = fixture.namespace("late");
      eventually(() -> assertThat(fixture.quota(late)).isNotNull());
    }
    within(
        PATIENCE, () -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    workloads.pod("later", LIMITED);
    within(PATIENCE, () -> assertThat(fixture.get("p").getStatus().workloads().pods()).isOne());
  }

  @Test
  void getOfReplicaSets() {
    SharedOperator.get();
    var workloads = new Workloads(fixture, fixture.namespace("a"));
    try (var missing = Permissions.without("get", "replicasets")) {
      workloads.deployment("api", 1, UNLIMITED);
      fixture.applySpec(
          "p",
          """
          namespaces: {selector: {matchLabels: {test: %s}}}
          workloads: {requireLimits: [memory]}
          """
              .formatted(fixture.id));
      eventually(
          () -> assertThat(workloads()).singleElement().asString().startsWith("ReplicaSet api-"));
      assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
    }
    within(PATIENCE, () -> assertThat(workloads()).containsExactly("Deployment api"));
  }
}
