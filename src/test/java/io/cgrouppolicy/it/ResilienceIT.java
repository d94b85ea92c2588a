package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What happens when the operator, its permissions or the API server fail, and when nothing does.
class ResilienceIT {
  /// A short lease, so that a test need not wait a minute for a killed leader.
  private static final Map<String, String> SHORT_LEASE =
      Map.of(
          "CGROUP_POLICY_LEADER_ELECTION_LEASE_DURATION", "6S",
          "CGROUP_POLICY_LEADER_ELECTION_RENEW_DEADLINE", "4S",
          "CGROUP_POLICY_LEADER_ELECTION_RETRY_PERIOD", "1S");

  private Fixture fixture;

  @BeforeEach
  void open() {
    LocalCluster.get();
    fixture = new Fixture();
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  @EmbeddedCluster("audit log")
  void aConvergedClusterSeesNoWritesAndNeitherDoesARestart() {
    for (int i = 0; i < 200; i++) {
      fixture.namespace("n" + i);
    }
    fixture.policy("p", "mode: Enforce", 256);
    try (var operator = OperatorProcess.start()) {
      within(
          Duration.ofSeconds(60),
          () -> {
            assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
            assertThat(fixture.get("p").getStatus().namespaces().summary()).isEqualTo("200/200");
          });
      assertQuiet(Duration.ofSeconds(60));
    }
    int before = LocalCluster.get().operatorWrites().size();
    try (var operator = OperatorProcess.start()) {
      eventually(
          () ->
              assertThat(operator.get("/q/metrics"))
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
  void aMissingWritePermissionIsNamedAndHeals() {
    try (var operator = OperatorProcess.start()) {
      withoutVerb(
          "limitranges",
          "patch",
          () -> {
            fixture.namespace("a");
            fixture.policy("p", "mode: Enforce", 256);
            eventually(
                () -> {
                  assertThat(fixture.status("p", "Ready")).isEqualTo("False Forbidden");
                  assertThat(fixture.condition("p", "Ready").getMessage())
                      .contains("cannot patch")
                      .contains("limitranges");
                });
          });
      eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
      assertThat(operator.alive()).isTrue();
    }
  }

  @Test
  void aMissingReadPermissionIsNamedAndHeals() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    try (var operator =
        withoutVerb(
            "limitranges",
            "list",
            () -> {
              var started = OperatorProcess.start();
              within(
                  Duration.ofSeconds(60),
                  () -> {
                    assertThat(fixture.status("p", "Ready")).isEqualTo("False Forbidden");
                    assertThat(fixture.condition("p", "Ready").getMessage())
                        .contains("cannot list resource \"limitranges\"");
                  });
              assertThat(fixture.quota(namespace)).as("nothing is done half blind").isNull();
              return started;
            })) {
      within(
          Duration.ofSeconds(90),
          () -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
      assertThat(operator.alive()).isTrue();
    }
  }

  private static void withoutVerb(String resource, String verb, Runnable body) {
    withoutVerb(
        resource,
        verb,
        () -> {
          body.run();
          return null;
        });
  }

  /// Takes one verb away from the shipped role, for as long as the body runs.
  private static <T> T withoutVerb(
      String resource, String verb, java.util.function.Supplier<T> body) {
    var roles = LocalCluster.get().admin().rbac().clusterRoles().withName("cgroup-policy-operator");
    var before = roles.get();
    roles.edit(role -> split(role, resource, verb));
    try {
      return body.get();
    } finally {
      roles.edit(
          role -> {
            role.setRules(before.getRules());
            return role;
          });
    }
  }

  private static ClusterRole split(ClusterRole role, String resource, String verb) {
    var rules = new java.util.ArrayList<PolicyRule>();
    for (var rule : role.getRules()) {
      if (rule.getResources().contains(resource) && rule.getVerbs().contains(verb)) {
        var others = rule.getResources().stream().filter(r -> !r.equals(resource)).toList();
        var verbs = rule.getVerbs().stream().filter(v -> !v.equals(verb)).toList();
        rules.add(rule.edit().withResources(others).build());
        rules.add(rule.edit().withResources(resource).withVerbs(verbs).build());
      } else {
        rules.add(rule);
      }
    }
    assertThat(rules)
        .as("the role granted " + verb + " " + resource)
        .hasSizeGreaterThan(role.getRules().size());
    role.setRules(rules);
    return role;
  }

  @Test
  void anotherReplicaGoesOnWhenTheLeaderIsKilled() {
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
    fixture.policy("p", "mode: Enforce", 256);
    try (var operator = OperatorProcess.start()) {
      eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced"));
      LocalCluster.get().control("stop-apiserver");
      var end = Instant.now().plusSeconds(30);
      Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> Instant.now().isAfter(end));
      LocalCluster.get().control("start-apiserver");
      LocalCluster.get().control("restart-controller-manager");
      var namespace = fixture.namespace("a");
      within(Duration.ofSeconds(60), () -> assertThat(fixture.quota(namespace)).isNotNull());
      assertThat(operator.alive()).isTrue();
    }
  }
}
