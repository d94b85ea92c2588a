package io.cgrouppolicy.core.failedcreate;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.failedcreate.FailedCreate.Field;
import io.cgrouppolicy.core.failedcreate.FailedCreate.Rule;
import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The messages are those of Kubernetes v1.36; `RefusalsIT` gets them from a real API server.
class FailedCreateTest {
  private static final String MI = "1048576";

  private static FailedCreate parse(String message) {
    return FailedCreate.parse(message).orElseThrow();
  }

  private static Rule rule(Field field, String type, String resource, String value) {
    return new Rule(field, type, resource, new BigDecimal(value));
  }

  private static Rule mebi(Field field, String type, int value) {
    return new Rule(field, type, "memory", new BigDecimal(MI).multiply(new BigDecimal(value)));
  }

  @Test
  void anExceededQuotaIsNamedWithItsFigures() {
    var refusal =
        parse(
            "Error creating: pods \"app-6b7f4c9d8-xk2lp\" is forbidden: exceeded quota:"
                + " cgroup-policy, requested: limits.memory=256Mi,pods=1, used:"
                + " limits.memory=512Mi,pods=2, limited: limits.memory=600Mi,pods=2");
    assertThat(refusal.quota()).isEqualTo("cgroup-policy");
    assertThat(refusal.rules()).isEmpty();
    assertThat(refusal.limited())
        .isEqualTo(
            Map.of("limits.memory", new BigDecimal("629145600"), "pods", new BigDecimal("2")));
    assertThat(refusal.reason())
        .startsWith("exceeded quota: cgroup-policy, requested:")
        .endsWith("pods=2");
  }

  @Test
  void theReplicaSetOfADeploymentIsNamed() {
    var rejection =
        parse(
            "Failed to create new replica set \"app-5f6b8c7d9\": replicasets.apps \"app-5f6b8c7d9\""
                + " is forbidden: exceeded quota: cgroup-policy, requested: count/replicasets.apps=1,"
                + " used: count/replicasets.apps=1, limited: count/replicasets.apps=1");
    assertThat(rejection.rejected()).isEqualTo("replicasets");
    assertThat(rejection.limited()).containsOnlyKeys("count/replicasets.apps");
  }

  @Test
  void aQuotaThatInsistsOrIsNotCountedYetIsNamed() {
    var insists =
        parse(
            "Error creating: pods \"a\" is forbidden: failed quota: team.quota-1: must specify"
                + " limits.cpu for: main; limits.memory for: main,side");
    assertThat(insists.quota()).isEqualTo("team.quota-1");
    assertThat(insists.limited()).isEmpty();
    assertThat(insists.reason())
        .isEqualTo(
            "failed quota: team.quota-1: must specify limits.cpu for: main; limits.memory for:"
                + " main,side");
    assertThat(
            parse(
                    "Error creating: pods \"a\" is forbidden: status unknown for quota:"
                        + " cgroup-policy, resources: limits.memory,pods")
                .quota())
        .isEqualTo("cgroup-policy");
  }

  @Test
  void theBoundsOfALimitRangeAreRead() {
    assertThat(
            parse(
                    "Error creating: pods \"a\" is forbidden: maximum memory usage per Container is"
                        + " 512Mi, but limit is 1Gi")
                .rules())
        .containsExactly(mebi(Field.MAX, "Container", 512));
    assertThat(
            parse(
                    "Error creating: pods \"a\" is forbidden: [minimum memory usage per Pod is"
                        + " 64Mi.  No request is specified, maximum cpu usage per Container is"
                        + " 1500m, but request is 2, memory max limit to request ratio per Container"
                        + " is 2, but provided ratio is 4.000000]")
                .rules())
        .containsExactly(
            mebi(Field.MIN, "Pod", 64),
            rule(Field.MAX, "Container", "cpu", "1.500"),
            rule(Field.RATIO, "Container", "memory", "2"));
    assertThat(
            parse(
                    "create Claim www-app-0 for Pod app-0 in StatefulSet app failed error:"
                        + " persistentvolumeclaims \"www-app-0\" is forbidden: maximum storage usage"
                        + " per PersistentVolumeClaim is 1, but request is 2Gi")
                .rules())
        .containsExactly(rule(Field.MAX, "PersistentVolumeClaim", "storage", "1"));
  }

  @Test
  void aDefaultBelowARequestMakesAPodInvalid() {
    var refusal =
        parse(
            "Error creating: Pod \"app-x2\" is invalid: [spec.containers[0].resources.requests:"
                + " Invalid value: \"1Gi\": must be less than or equal to memory limit of 256Mi,"
                + " spec.containers[1].resources.requests: Invalid value: \"2\": must be less than"
                + " or equal to cpu limit of 1]");
    assertThat(refusal.rules())
        .containsExactly(
            mebi(Field.DEFAULT, "Container", 256), rule(Field.DEFAULT, "Container", "cpu", "1"));
    assertThat(refusal.reason()).startsWith("[spec.containers[0]").doesNotContain("app-x2");
    assertThat(refusal.rejected()).isEqualTo("pods");
  }

  /// So that a repetition with another pod name is recognized.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Error creating: pods \"app-zz9\" is forbidden: ",
        "(combined from similar events): Error creating: pods \"app-abc\" is forbidden: ",
        "create Pod app-0 in StatefulSet app failed error: pods \"app-0\" is forbidden: ",
      })
  void whoWasRefusedIsNotPartOfTheReason(String before) {
    var reason = "maximum memory usage per Container is 512Mi, but limit is 1Gi";
    assertThat(parse(before + reason)).isEqualTo(parse("pods \"a\" is forbidden: " + reason));
    assertThat(parse(before + reason).reason()).isEqualTo(reason);
  }

  /// Not every controller creates pods: kubernetes/kubernetes#119775, kubevirt/kubevirt#13736.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pods|Error creating: pods \"app-zz9\" is forbidden:",
        "jobs|Error creating job: jobs.batch \"hello-29932559\" is forbidden:",
        "persistentvolumeclaims|Create Pod db-1 in StatefulSet db failed error: failed to create PVC"
            + " data-db-1: persistentvolumeclaims \"data-db-1\" is forbidden:",
      })
  void whatWasRejectedIsNamed(String rejected, String before) {
    assertThat(parse(before + " failed quota: q: must specify limits.cpu for: a").rejected())
        .isEqualTo(rejected);
  }

  @Test
  void aLongReasonIsCut() {
    var refusal =
        parse(
            "pods \"a\" is forbidden: failed quota: q: must specify limits.cpu for: "
                + "c,".repeat(500));
    assertThat(refusal.reason()).hasSize(403).endsWith("...");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Error creating: Post \"https://10.0.0.1/api\": context deadline exceeded",
        "Error creating: pods \"a\" is forbidden: error looking up service account a/b",
        "Error creating: pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\"",
        "Error creating: admission webhook \"x\" denied the request: exceeded quota: cgroup-policy",
        "Error creating: pods \"a\" is forbidden: insufficient quota to consume: pods",
        "Error creating: Pod \"a\" is invalid: spec.containers[0].image: Required value",
      })
  void whatElseFailsIsNoRefusal(String message) {
    assertThat(FailedCreate.parse(message)).isEmpty();
  }

  @Test
  void anEventWithoutAMessageIsNoRejection() {
    assertThat(FailedCreate.parse(null)).isEmpty();
  }
}
