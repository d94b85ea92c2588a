package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What administrators see of the operator: its log and its probes.
class OperationsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROLE = "cgroup-policy-operator";

  private Fixture fixture;

  @BeforeEach
  void open() {
    fixture = new Fixture();
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void eachLineOfTheLogIsJsonAndNamesPolicyAndNamespace() {
    var namespace = fixture.namespace("a");
    String log;
    try (var operator = OperatorProcess.start()) {
      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
      fixture.client.limitRanges().inNamespace(namespace).withName("cgroup-policy").delete();
      eventually(() -> assertThat(operator.log()).contains("reverted"));
      operator.close();
      log = operator.log();
    }
    var lines = log.lines().map(OperationsIT::parse).toList();
    assertThat(lines)
        .isNotEmpty()
        .allSatisfy(
            line -> {
              assertThat(line.path("timestamp").asText()).isNotBlank();
              assertThat(line.path("level").asText()).isNotBlank();
              assertThat(line.path("message").asText()).isNotBlank();
            });
    assertThat(lines)
        .filteredOn(line -> line.path("message").asText().contains("reverted"))
        .isNotEmpty()
        .allSatisfy(
            line -> {
              assertThat(line.at("/mdc/namespace").asText()).isEqualTo(namespace);
              assertThat(line.at("/mdc/policy").asText()).isEqualTo(fixture.id + "-p");
            });
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + line, e);
    }
  }

  @Test
  void isTextWhenAskedFor() {
    try (var operator = new OperatorProcess(Map.of("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "false"))) {
      eventually(() -> assertThat(operator.leads()).isTrue());
      assertThat(operator.log().lines()).noneMatch(line -> line.startsWith("{"));
    }
  }

  @Test
  void theProbesOfALeaderAndOfAFollowerAreUp() {
    try (var leader = OperatorProcess.start()) {
      eventually(() -> assertThat(leader.leads()).isTrue());
      try (var follower = OperatorProcess.start()) {
        for (var operator : List.of(leader, follower)) {
          for (var probe : List.of("started", "ready", "live")) {
            eventually(
                () ->
                    assertThat(operator.get("/q/health/" + probe))
                        .startsWith("200")
                        .contains("\"" + probe + "\""));
          }
        }
        assertThat(follower.leads()).isFalse();
      }
    }
  }

  /// The kinds watched by plain informers, and the kind watched by the SDK.
  @Test
  void aMissingPermissionIsReportedAndNeitherUnreadyNorDead() {
    var roles = fixture.client.rbac().clusterRoles();
    var shipped = roles.withName(ROLE).get();
    for (var kind : List.of("limitranges", "namespaces")) {
      roles.withName(ROLE).edit(role -> without(role, kind));
      try (var operator = OperatorProcess.start()) {
        within(
            Duration.ofSeconds(60),
            () -> assertThat(operator.get("/q/health/started")).startsWith("200"));
        assertThat(operator.get("/q/health/ready"))
            .startsWith("200")
            .contains("Forbidden")
            .contains(kind);
        assertThat(operator.get("/q/health/live")).startsWith("200");
      } finally {
        roles.withName(ROLE).edit(role -> role.edit().withRules(shipped.getRules()).build());
      }
    }
  }

  private static ClusterRole without(ClusterRole role, String resource) {
    var rules =
        role.getRules().stream().filter(rule -> !rule.getResources().contains(resource)).toList();
    assertThat(rules).as("the role speaks of " + resource).hasSizeLessThan(role.getRules().size());
    return role.edit().withRules(rules).build();
  }
}
