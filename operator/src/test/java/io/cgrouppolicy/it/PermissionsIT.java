package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.Permissions;
import io.cgrouppolicy.testing.SharedOperator;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Revokes single verbs of the shipped role. The operator reports verb and resource, everything
/// else keeps working, and it recovers when the permission returns.
class PermissionsIT {
  private final OperatorProcess operator = SharedOperator.get();

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void createOfLimitRanges() {
    try (var missing = Permissions.without("create", "limitranges")) {
      fixture.namespace("a");
      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertForbidden("cannot create limitranges"));
    }
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    assertThat(operator.alive()).isTrue();
  }

  @Test
  void patchOfLimitRanges() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    try (var missing = Permissions.without("patch", "limitranges")) {
      fixture.edit(namespace, "9Gi");
      eventually(() -> assertForbidden("cannot patch limitranges"));
    }
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    assertThat(fixture.memory(namespace)).isEqualTo("256Mi");
  }

  private void assertForbidden(String what) {
    assertThat(fixture.status("p", "Ready")).isEqualTo("False Forbidden");
    assertThat(fixture.condition("p", "Ready").getMessage()).contains(what);
  }

  @Test
  void deleteOfResourceQuotas() {
    var namespace = fixture.namespace("a");
    var stays = fixture.namespace("b");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    try (var missing = Permissions.without("delete", "resourcequotas")) {
      fixture.relabel(namespace, "none");
      eventually(
          () -> {
            assertThat(fixture.status("p", "Ready")).isEqualTo("False Forbidden");
            assertThat(fixture.condition("p", "Ready").getMessage())
                .contains("namespace " + namespace)
                .contains("cannot delete resourcequotas");
            assertThat(fixture.get("p").getStatus().namespaces().summary()).isEqualTo("1/1");
          });
      assertThat(fixture.limitRange(namespace)).as("goes after the quota").isNotNull();
      assertThat(fixture.quota(stays)).isNotNull();
    }
    eventually(
        () -> {
          assertThat(fixture.quota(namespace)).isNull();
          assertThat(fixture.limitRange(namespace)).isNull();
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
        });
  }

  @Test
  void patchOfTheStatus() {
    try (var missing = Permissions.without("patch", "cgrouppolicies/status")) {
      var namespace = fixture.namespace("a");
      var failures = failedStatusWrites();
      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertThat(fixture.quota(namespace)).isNotNull());
      eventually(
          () -> {
            assertThat(operator.log()).contains("the status was not written").contains("forbidden");
            assertThat(failedStatusWrites()).isGreaterThan(failures);
          });
      assertThat(fixture.get("p").getStatus().conditions()).isNull();
      var later = fixture.namespace("later");
      eventually(() -> assertThat(fixture.quota(later)).isNotNull());
      assertThat(operator.alive()).isTrue();
    }
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
  }

  private double failedStatusWrites() {
    return operator.metric("cgroup_policy_status_write_failures_total");
  }

  @Test
  void createOfEvents() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    try (var missing = Permissions.without("create", "events")) {
      var dropped = operator.metric("cgroup_policy_events_dropped_total");
      fixture.edit(namespace, "9Gi");
      eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("256Mi"));
      eventually(
          () ->
              assertThat(operator.metric("cgroup_policy_events_dropped_total"))
                  .isGreaterThan(dropped));
      assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
      assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
    }
    fixture.edit(namespace, "9Gi");
    eventually(
        () ->
            assertThat(fixture.namespaceEvents(namespace))
                .anySatisfy(event -> assertThat(event.getReason()).isEqualTo("Reverted")));
  }

  /// The API server keeps a running watch whose permission is revoked; its restart ends the watch.
  @Test
  @EmbeddedCluster("restarts the API server")
  void watchOfLimitRangesWhileItRuns() {
    fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    try (var missing = Permissions.without("watch", "limitranges")) {
      LocalCluster.get().restartApiServer();
      within(
          Duration.ofSeconds(90),
          () -> {
            assertThat(fixture.status("p", "Ready")).isEqualTo("False Forbidden");
            assertThat(fixture.condition("p", "Ready").getMessage())
                .contains("cannot watch")
                .contains("limitranges");
          });
      assertThat(operator.alive()).isTrue();
    }
    within(
        Duration.ofSeconds(90),
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
          assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
        });
    var late = fixture.namespace("late");
    eventually(() -> assertThat(fixture.quota(late)).isNotNull());
    fixture.edit(late, "9Gi");
    eventually(() -> assertThat(fixture.memory(late)).as("it sees again").isEqualTo("256Mi"));
  }

  @Test
  void listOfLimitRangesAtTheStart() {
    SharedOperator.stop();
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    OperatorProcess started;
    try (var missing = Permissions.without("list", "limitranges")) {
      started = SharedOperator.get();
      within(
          Duration.ofSeconds(60),
          () -> {
            assertThat(fixture.status("p", "Ready")).isEqualTo("False Forbidden");
            assertThat(fixture.condition("p", "Ready").getMessage())
                .contains("cannot list resource \"limitranges\"");
          });
      assertThat(fixture.quota(namespace)).as("nothing is done half blind").isNull();
    }
    within(
        Duration.ofSeconds(90),
        () -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    assertThat(started.alive()).isTrue();
  }
}
