package io.cgrouppolicy.delivery.argocd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.ConditionWords;
import io.cgrouppolicy.delivery.argocd.HealthCheck.Health;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.luaj.vm2.LuaError;

/// Argo CD's health check, with recorded real policies, and with states that cannot be recorded.
class ArgoHealthTest {
  /// The health for each reason of Ready=False: Degraded if an administrator must act.
  private static final Map<String, String> READY_FALSE =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("ApiServerUnreachable", "Progressing"),
              Map.entry("CacheNotSynced", "Progressing"),
              Map.entry("ExceededQuota", "Degraded"),
              Map.entry("Forbidden", "Degraded"),
              Map.entry("HeldByInvalidPolicy", "Degraded"),
              Map.entry("InternalError", "Degraded"),
              Map.entry("InvalidSpec", "Degraded"),
              Map.entry("Rejected", "Degraded"),
              Map.entry("RejectedByAdmission", "Degraded"),
              Map.entry("RemedyConflict", "Degraded"),
              Map.entry("RemedyNotPublished", "Progressing"),
              Map.entry("WriteFailed", "Progressing")));

  /// Words of the condition ReportsPublished, which says nothing about a policy's health.
  private static final Set<String> REPORTS =
      Set.of("ReportsPublished", "Published", "CrdNotInstalled", "ReportConflict");

  static Stream<String> recordings() {
    return RecordedStates.expected().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void aRecordedPolicyHasTheExpectedHealth(String recording) {
    var policy = RecordedStates.read(ArgoForms.DIRECTORY.resolve(recording));
    assertThat(HealthCheck.of(policy)).isEqualTo(RecordedStates.expected().get(recording));
  }

  @Test
  void eachRecordingIsTested() throws IOException {
    try (var files = Files.list(ArgoForms.DIRECTORY.resolve("testdata"))) {
      assertThat(files.map(file -> "testdata/" + file.getFileName()))
          .containsExactlyInAnyOrderElementsOf(RecordedStates.expected().keySet());
    }
  }

  /// Fails for a new reason, which needs a decision here and in health.lua.
  @Test
  void eachConditionThatTheOperatorCanWriteIsCovered() throws IOException {
    var seen = new TreeSet<String>(READY_FALSE.keySet());
    for (var recording : RecordedStates.expected().keySet()) {
      for (var condition : conditions(recording)) {
        seen.add(condition.path("type").asText());
        seen.add(condition.path("reason").asText());
      }
    }
    seen.addAll(REPORTS);
    var written = ConditionWords.written();
    assertThat(written).contains("Ready", "Stalled", "Observing", "Forbidden", "WriteFailed");
    assertThat(seen).isEqualTo(written);
  }

  private static JsonNode conditions(String recording) {
    return RecordedStates.read(ArgoForms.DIRECTORY.resolve(recording)).at("/status/conditions");
  }

  @Test
  void degradedMeansThatAnAdministratorMustAct() {
    READY_FALSE.forEach(
        (reason, status) ->
            assertThat(HealthCheck.of(policy("Enforce", "Ready False " + reason)))
                .isEqualTo(new Health(status, "Ready is False, " + reason + ": of Ready")));
  }

  @ParameterizedTest
  @CsvSource({"NamespacesCompliant", "WorkloadsCompliant", "NodesCompliant", "PressureNormal"})
  void theMessageNamesAreasThatAreNotCompliant(String area) {
    for (var status : List.of("False", "Unknown")) {
      var conditions =
          List.of(
              "Ready True Enforced", "Compliant " + status + " Any", area + " " + status + " Why");
      assertThat(HealthCheck.of(policy("Enforce", conditions)).message())
          .endsWith("; " + area + " is " + status + ", Why: of " + area);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Healthy, Enforce, Ready True Enforced, Compliant True Compliant",
    "Progressing, Enforce, Ready True Enforced, NodesCompliant True Compliant",
    "Progressing, Enforce, Compliant True Compliant, NodesCompliant True Compliant",
    "Progressing, Enforce, Ready Unknown Observing, Compliant False ViolationsFound",
    "Progressing, Enforce, Ready False OfTheFuture, Compliant True Compliant",
    "Degraded, Audit, Ready True Audited, Stalled True InvalidSpec",
    "Healthy, Audit, Ready True Audited, Compliant False ViolationsFound",
    "Degraded, Enforce, Ready True Enforced, Compliant False ViolationsFound",
    "Healthy, Enforce, Ready True Enforced, Compliant Unknown Undetermined"
  })
  void whichConditionCounts(String health, String mode, String first, String second) {
    assertThat(HealthCheck.of(policy(mode, List.of(first, second))).status()).isEqualTo(health);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CrdNotInstalled", "ReportConflict", "Forbidden"})
  void missingReportsDoNotCount(String reason) {
    var conditions = List.of("Ready True Enforced", "Compliant True Compliant");
    var without = HealthCheck.of(policy("Enforce", conditions));
    var more = new ArrayList<>(conditions);
    more.add("ReportsPublished False " + reason);
    assertThat(HealthCheck.of(policy("Enforce", more))).isEqualTo(without);
    assertThat(without.status()).isEqualTo("Healthy");
  }

  @Test
  void anUnseenPolicyIsNotHealthy() {
    var policy = policy("Enforce", "Ready True Enforced");
    policy.withObject("/status").remove("conditions");
    assertThat(HealthCheck.of(policy).status()).isEqualTo("Progressing");
    var old = policy("Enforce", List.of("Ready True Enforced", "Compliant True Compliant"));
    assertThat(HealthCheck.of(old).status()).isEqualTo("Healthy");
    old.withObject("/metadata").put("generation", 3);
    assertThat(HealthCheck.of(old).status()).isEqualTo("Progressing");
    old.withObject("/status").remove("observedGeneration");
    assertThat(HealthCheck.of(old).status()).isEqualTo("Progressing");
  }

  /// Argo CD reports this before it runs the check; other tools may not.
  @Test
  void aDeletedPolicyIsProgressingWhateverItsConditions() {
    var policy = policy("Enforce", "Stalled True InvalidSpec");
    policy.withObject("/metadata").put("deletionTimestamp", "2026-01-01T00:00:00Z");
    assertThat(HealthCheck.of(policy)).isEqualTo(new Health("Progressing", "Pending deletion"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "]] .. os.execute('id') .. [[",
        "'; return {status='Healthy', message='fine'} --",
        "%s%d%1$s \\0 \u001b[2J\n\u202e",
        "<script>alert(1)</script>",
      })
  void messagesAreShownAndNotInterpreted(String message) {
    var policy = policy("Enforce", "Ready False Rejected");
    ((ObjectNode) policy.at("/status/conditions/0")).put("message", message);
    assertThat(HealthCheck.of(policy))
        .isEqualTo(new Health("Degraded", "Ready is False, Rejected: " + message));
  }

  @Test
  void theSandboxHasOnlyTheLibrariesOfArgoCd() {
    var nothing = RecordedStates.JSON.createObjectNode();
    for (var library : List.of("string", "math", "io", "os", "debug", "coroutine")) {
      assertThat(HealthCheck.run("return " + library, nothing).isnil()).as(library).isTrue();
    }
    for (var library : List.of("table", "package", "_G")) {
      assertThat(HealthCheck.run("return " + library, nothing).istable()).as(library).isTrue();
    }
    assertThatThrownBy(() -> HealthCheck.run("return ('x'):upper()", nothing))
        .isInstanceOf(LuaError.class);
  }

  private static ObjectNode policy(String mode, String condition) {
    return policy(mode, List.of(condition));
  }

  /// @param conditions type, status and reason each
  private static ObjectNode policy(String mode, List<String> conditions) {
    var policy = RecordedStates.JSON.createObjectNode();
    policy.withObject("/metadata").put("generation", 2);
    policy.withObject("/spec").put("mode", mode);
    var status = policy.withObject("/status").put("observedGeneration", 2);
    var list = status.putArray("conditions");
    for (var condition : conditions) {
      var words = condition.split(" ");
      list.addObject()
          .put("type", words[0])
          .put("status", words[1])
          .put("reason", words[2])
          .put("message", "of " + words[0]);
    }
    return policy;
  }
}
