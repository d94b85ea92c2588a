package io.cgrouppolicy.core.failedcreate;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.pods.PodReader;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FailedCreateCauseTest {
  private static final String MAXIMUM =
      "maximum memory usage per Container is 512Mi, but limit is 1Gi";

  private static LimitRangeSpec limits(String items) {
    return items == null
        ? null
        : Serialization.unmarshal("limits: [" + items + "]", LimitRangeSpec.class);
  }

  private static Map<String, ResourceQuotaSpec> quotas(String hard) {
    return hard == null
        ? Map.of()
        : Map.of(
            Child.NAME, Serialization.unmarshal("hard: {" + hard + "}", ResourceQuotaSpec.class));
  }

  private static Optional<String> judge(
      String ours, String quota, Map<String, LimitRangeSpec> foreign, String words) {
    var refusal = FailedCreate.parse("pods \"a\" is forbidden: " + words).orElseThrow();
    return new FailedCreateCause(limits(ours), quotas(quota), foreign)
        .judge(refusal, null)
        .map(Finding::message);
  }

  @Test
  void ourLimitRangeIsKnownByItsValue() {
    var ours = "{type: Container, max: {memory: 0.5Gi}}";
    assertThat(judge(ours, null, Map.of(), MAXIMUM)).contains("pods are rejected: " + MAXIMUM);
    assertThat(judge(null, null, Map.of(), MAXIMUM)).as("none of ours").isEmpty();
    assertThat(judge("{type: Pod, max: {memory: 512Mi}}", null, Map.of(), MAXIMUM)).isEmpty();
    assertThat(judge("{type: Container, min: {memory: 512Mi}}", null, Map.of(), MAXIMUM)).isEmpty();
    assertThat(judge("{type: Container, max: {memory: 2Gi}}", null, Map.of(), MAXIMUM))
        .as("it was raised meanwhile")
        .isEmpty();
  }

  @Test
  void namesTheContainersOfTheTemplate() {
    var refusal =
        FailedCreate.parse("pods \"a\" is forbidden: [" + MAXIMUM + ", " + MAXIMUM + "]")
            .orElseThrow();
    var template =
        PodReader.shape(
            Serialization.unmarshal(
                """
                initContainers: [{name: setup, resources: {limits: {memory: 1Gi}}}]
                containers:
                - {name: small, resources: {limits: {memory: 256Mi}}}
                - {name: large, resources: {limits: {memory: 1Gi}}}
                """,
                PodSpec.class));
    var cause =
        new FailedCreateCause(
            limits("{type: Container, max: {memory: 512Mi}}"), Map.of(), Map.of());
    assertThat(cause.judge(refusal, template).orElseThrow().message())
        .endsWith(" (container large, init container setup)");
    assertThat(cause.judge(refusal, null).orElseThrow().message())
        .as("the template is unknown")
        .endsWith("]");
  }

  @Test
  void whereAnotherLimitRangeSaysTheSameItMayBeEither() {
    var ours = "{type: Container, max: {memory: 512Mi}}";
    var foreign =
        Map.of(
            "theirs", limits("{type: Container, max: {memory: 512Mi}}"),
            "others", limits("{type: Container, max: {memory: 2Gi}}"));
    assertThat(judge(ours, null, foreign, MAXIMUM))
        .contains(
            "pods are rejected: "
                + MAXIMUM
                + " (by the policy's LimitRange or by LimitRange theirs with the same value)");
    assertThat(judge("{type: Container, max: {cpu: 1}}", null, foreign, MAXIMUM))
        .as("theirs")
        .isEmpty();
  }

  @Test
  void ourDefaultIsKnownByItsValue() {
    var refusal =
        FailedCreate.parse(
                "Error creating: Pod \"a\" is invalid: spec.containers[0].resources.requests:"
                    + " Invalid value: \"1Gi\": must be less than or equal to memory limit of 256Mi")
            .orElseThrow();
    assertThat(
            new FailedCreateCause(
                    limits("{type: Container, default: {memory: 256Mi}}"), Map.of(), Map.of())
                .judge(refusal, null))
        .hasValueSatisfying(
            finding -> {
              assertThat(finding.check()).isEqualTo(Check.RejectedByPolicy);
              assertThat(finding.actual()).isEqualTo("rejected");
            });
    assertThat(
            new FailedCreateCause(
                    limits("{type: Container, default: {memory: 1Gi}}"), Map.of(), Map.of())
                .judge(refusal, null))
        .as("a webhook's, perhaps")
        .isEmpty();
  }

  @Test
  void theFindingNamesWhatIsRejected() {
    var refusal =
        FailedCreate.parse(
                "create Claim www-app-0 for Pod app-0 in StatefulSet app failed error:"
                    + " persistentvolumeclaims \"www-app-0\" is forbidden: maximum storage usage per"
                    + " PersistentVolumeClaim is 1Gi, but request is 2Gi")
            .orElseThrow();
    assertThat(
            new FailedCreateCause(
                    limits("{type: PersistentVolumeClaim, max: {storage: 1Gi}}"), null, Map.of())
                .judge(refusal, null))
        .hasValueSatisfying(
            finding -> {
              assertThat(finding.expected()).isEqualTo("persistentvolumeclaims are admitted");
              assertThat(finding.message())
                  .startsWith("persistentvolumeclaims are rejected: maximum storage usage per");
            });
  }

  @Test
  void eachOfOurQuotasIsKnownByItsName() {
    var refusal =
        FailedCreate.parse(
                "pods \"a\" is forbidden: exceeded quota: cgroup-policy-jobs, requested: pods=1,"
                    + " used: pods=2, limited: pods=2")
            .orElseThrow();
    var jobs = quotas("pods: 2").get(Child.NAME);
    var other = quotas("pods: 3").get(Child.NAME);
    assertThat(
            new FailedCreateCause(
                    null, Map.of(Child.NAME, other, "cgroup-policy-jobs", jobs), Map.of())
                .judge(refusal, null))
        .hasValueSatisfying(
            finding -> assertThat(finding.message()).contains("quota: cgroup-policy-jobs"));
    assertThat(new FailedCreateCause(null, Map.of(Child.NAME, jobs), Map.of()).judge(refusal, null))
        .isEmpty();
  }

  @Test
  void ourQuotaIsKnownByItsNameAndFigures() {
    var exceeded =
        "exceeded quota: cgroup-policy, requested: pods=1, used: pods=2, limited: pods=2";
    assertThat(judge(null, "pods: 2", Map.of(), exceeded))
        .contains("pods are rejected: " + exceeded);
    assertThat(judge(null, "pods: 3", Map.of(), exceeded)).as("it was raised").isEmpty();
    assertThat(judge(null, "limits.cpu: 3", Map.of(), exceeded)).isEmpty();
    assertThat(judge(null, null, Map.of(), exceeded)).as("it is gone").isEmpty();
    assertThat(judge(null, "pods: 2", Map.of(), exceeded.replace("cgroup-policy", "theirs")))
        .isEmpty();
    assertThat(
            judge(
                null,
                "limits.cpu: 2",
                Map.of(),
                "failed quota: cgroup-policy: must specify limits.cpu for: a"))
        .isPresent();
  }
}
