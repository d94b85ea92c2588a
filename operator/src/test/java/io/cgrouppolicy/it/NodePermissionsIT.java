package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static io.cgrouppolicy.testing.FleetOperator.PIDS;
import static io.cgrouppolicy.testing.FleetOperator.nodes;
import static io.cgrouppolicy.testing.FleetOperator.violations;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.Permissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Revokes a permission on nodes. The operator reports it, still protects namespaces, and recovers
/// when the permission returns.
class NodePermissionsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String GOOD =
      "1 selected: 1 compliant, 0 drifted, 0 unknown; True Compliant";

  @RegisterExtension
  static final FleetOperator operator =
      new FleetOperator("1S").with("CGROUP_POLICY_PRESSURE_INTERVAL", "1S").notStarted();

  @RegisterExtension final Fixture fixture = new Fixture();

  /// The conditions for nodes and for namespaces.
  private void policy() {
    fixture.apply(
        "p",
        fixture.yaml(
            "p",
            "mode: Enforce; nodes: {selector: {matchLabels: {test: %s}}, %s}"
                .formatted(fixture.id, PIDS),
            256));
  }

  private void becomesGood() {
    within(
        PATIENCE,
        () -> {
          assertThat(nodes(fixture, "p")).isEqualTo(GOOD);
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
          assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
        });
  }

  private void isForbidden(String verb) {
    within(PATIENCE, () -> fixture.assertForbidden("p", verb, "nodes", "NodesCompliant"));
  }

  @Test
  void listOfNodesAtTheStart() {
    var namespace = fixture.namespace("a");
    operator.node(fixture, "a").hardened().start();
    policy();
    var missing = Permissions.without("list", "nodes");
    try (var process = startedWith(missing)) {
      within(PATIENCE, () -> assertThat(fixture.quota(namespace)).isNotNull());
      isForbidden("list");
      assertThat(fixture.status("p", "NamespacesCompliant")).isEqualTo("True Compliant");
      var late = fixture.namespace("late");
      eventually(() -> assertThat(fixture.quota(late)).isNotNull());
      assertThat(process.get("/q/health/ready")).startsWith("200");
      assertThat(process.get("/q/health/live")).startsWith("200");
      missing.close();
      becomesGood();
      operator.node(fixture, "b").defaults().start();
      eventually(
          () ->
              assertThat(nodes(fixture, "p"))
                  .as("it sees again")
                  .isEqualTo("2 selected: 1 compliant, 1 drifted, 0 unknown; False DriftFound"));
    }
  }

  /// Restores the permission even if no operator starts.
  private static OperatorProcess startedWith(Permissions missing) {
    try {
      return operator.start();
    } catch (RuntimeException e) {
      missing.close();
      throw e;
    }
  }

  /// The API server keeps a running watch whose permission is revoked; its restart ends the watch.
  @Test
  @EmbeddedCluster("restarts the API server")
  void watchOfNodesWhileItRuns() {
    fixture.namespace("a");
    var kubelet = operator.node(fixture, "a").hardened().start();
    policy();
    try (var process = operator.start()) {
      becomesGood();
      try (var missing = Permissions.without("watch", "nodes")) {
        LocalCluster.get().restartApiServer();
        isForbidden("watch");
        var late = fixture.namespace("late");
        eventually(() -> assertThat(fixture.quota(late)).isNotNull());
      }
      becomesGood();
      kubelet.ready(false);
      within(
          PATIENCE,
          () -> assertThat(nodes(fixture, "p")).as("it sees again").contains("1 unknown"));
      assertThat(process.alive()).isTrue();
    }
  }

  @Test
  void configzOfKubelets() {
    var namespace = fixture.namespace("a");
    operator.node(fixture, "a").hardened().start();
    policy();
    try (var process = operator.start()) {
      becomesGood();
      try (var missing = Permissions.without("get", "nodes/configz")) {
        eventually(
            () -> {
              operator.fleet().forgetAuthorizations();
              assertThat(violations(fixture, "p"))
                  .containsExactly(
                      "KubeletUnauthorized a: the kubelet's configuration | Forbidden");
            });
        assertThat(fixture.get("p").getStatus().violations().getFirst().message())
            .contains("without get nodes/configz")
            .contains("grant it to ServiceAccount cgroup-policy-kubelet-reader");
        assertThat(nodes(fixture, "p"))
            .isEqualTo("1 selected: 0 compliant, 0 drifted, 1 unknown; Unknown KubeletsUnknown");
        assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
        assertThat(fixture.quota(namespace)).isNotNull();
      }
      operator.fleet().forgetAuthorizations();
      within(
          PATIENCE,
          () -> {
            operator.fleet().forgetAuthorizations();
            assertThat(nodes(fixture, "p")).isEqualTo(GOOD);
          });
      assertThat(process.alive()).isTrue();
    }
  }

  @Test
  void statsOfKubelets() {
    operator.node(fixture, "a").hardened().start();
    operator.policy(fixture, "p", "", PIDS + ", pressure: {memory: {full: 10}}");
    try (var process = operator.start()) {
      pressureBecomes("True Normal");
      try (var missing = Permissions.without("get", "nodes/stats")) {
        eventually(
            () -> {
              operator.fleet().forgetAuthorizations();
              assertThat(violations(fixture, "p"))
                  .containsExactly("PressureUnavailable a: pressure figures | Forbidden");
            });
        assertThat(fixture.get("p").getStatus().violations().getFirst().message())
            .contains("without get nodes/stats")
            .contains("grant it to ServiceAccount cgroup-policy-kubelet-reader")
            .contains("; its last figures are of ");
        pressureBecomes("Unknown PressureUnavailable");
        assertThat(nodes(fixture, "p")).as("another permission").isEqualTo(GOOD);
        assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
      }
      pressureBecomes("True Normal");
      assertThat(process.alive()).isTrue();
    }
  }

  private void pressureBecomes(String state) {
    within(
        PATIENCE,
        () -> {
          operator.fleet().forgetAuthorizations();
          assertThat(fixture.status("p", "PressureNormal")).isEqualTo(state);
        });
  }
}
