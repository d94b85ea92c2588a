package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static io.cgrouppolicy.testing.OperatorProcess.SHORT_LEASE;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Failures of the operator, its permissions and the API server, and the idle case.
class ResilienceIT {
  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  @EmbeddedCluster("audit log")
  void aConvergedClusterSeesNoWritesAndNeitherDoesARestart() {
    for (int i = 0; i < 200; i++) {
      fixture.namespace("n" + i);
    }
    try (var operator = OperatorProcess.start()) {
      fixture.policy("p", "mode: Enforce", 256);
      within(
          Duration.ofSeconds(60),
          () -> {
            assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
            assertThat(fixture.get("p").getStatus().namespaces().summary()).isEqualTo("200/200");
            assertThat(fixture.policyEvents("p")).as("Enforced, Compliant").hasSize(2);
          });
      assertQuiet(Duration.ofSeconds(60));
    }
    int before = LocalCluster.get().operatorWrites().size();
    try (var operator = OperatorProcess.start()) {
      eventually(
          () ->
              assertThat(operator.metrics())
                  .contains(
                      "cgroup_policy_namespaces{policy=\""
                          + fixture.id
                          + "-p\",state=\"compliant\"} 200.0"));
      assertQuiet(Duration.ofSeconds(5));
    }
    assertThat(LocalCluster.get().operatorWrites().stream().skip(before))
        .as("writes of a restart")
        .isEmpty();
  }

  private static void assertQuiet(Duration time) {
    int before = LocalCluster.get().operatorWrites().size();
    var end = Instant.now().plus(time);
    Awaitility.await()
        .atMost(time.plusSeconds(10))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> Instant.now().isAfter(end));
    assertThat(LocalCluster.get().operatorWrites().stream().skip(before)).isEmpty();
  }

  @Test
  void changesDuringDowntimeAreRevertedAtTheStart() {
    var edited = fixture.namespace("edited");
    var stripped = fixture.namespace("stripped");
    var deleted = fixture.namespace("deleted");
    try (var operator = OperatorProcess.start()) {
      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    }
    fixture.edit(edited, "9Gi");
    fixture
        .client
        .resource(fixture.quota(stripped))
        .edit(
            quota -> {
              quota.getMetadata().setLabels(null);
              quota.getMetadata().setOwnerReferences(null);
              return quota;
            });
    fixture.client.resource(fixture.limitRange(deleted)).delete();
    var late = fixture.namespace("late");
    try (var operator = OperatorProcess.start()) {
      eventually(
          () -> {
            assertThat(fixture.memory(edited)).isEqualTo("256Mi");
            assertThat(fixture.quota(stripped).getMetadata().getLabels()).hasSize(2);
            assertThat(fixture.quota(stripped).getMetadata().getOwnerReferences()).hasSize(1);
            assertThat(fixture.limitRange(deleted)).isNotNull();
            assertThat(fixture.quota(late)).isNotNull();
            assertThat(fixture.get("p").getStatus().namespaces().summary()).isEqualTo("4/4");
            assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
          });
    }
  }

  @Test
  void anotherReplicaTakesOverWhenTheLeaderIsKilled() {
    try (var first = new OperatorProcess(SHORT_LEASE)) {
      eventually(() -> assertThat(first.leads()).isTrue());
      try (var second = new OperatorProcess(SHORT_LEASE)) {
        eventually(
            () ->
                assertThat(second.get("/q/health/ready"))
                    .as("a follower is ready")
                    .startsWith("200"));
        assertThat(second.leads()).isFalse();
        first.kill();
        var namespace = fixture.namespace("a");
        fixture.policy("p", "mode: Enforce", 256);
        eventually(() -> assertThat(fixture.quota(namespace)).isNotNull());
        assertThat(second.leads()).isTrue();
      }
    }
  }

  @Test
  @EmbeddedCluster("stops the API server")
  void survivesAnOutageOfTheApiServer() {
    try (var operator = OperatorProcess.start()) {
      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced"));
      LocalCluster.get().stopApiServer();
      var end = Instant.now().plusSeconds(30);
      Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> Instant.now().isAfter(end));
      LocalCluster.get().startApiServer();
      var namespace = fixture.namespace("a");
      within(Duration.ofSeconds(15), () -> assertThat(fixture.quota(namespace)).isNotNull());
      assertThat(operator.alive()).isTrue();
    }
  }
}
