package io.cgrouppolicy.core.admission;

import static io.cgrouppolicy.core.admission.Samples.defaults;
import static io.cgrouppolicy.core.admission.Samples.facts;
import static io.cgrouppolicy.core.admission.Samples.limitRange;
import static io.cgrouppolicy.core.admission.Samples.main;
import static io.cgrouppolicy.core.admission.Samples.mirror;
import static io.cgrouppolicy.core.admission.Samples.pod;
import static io.cgrouppolicy.core.admission.Samples.quota;
import static io.cgrouppolicy.core.admission.Samples.quotas;
import static io.cgrouppolicy.core.admission.Samples.resources;
import static io.cgrouppolicy.core.admission.Samples.terminating;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cgrouppolicy.core.admission.Preview.PreviewFinding;
import io.cgrouppolicy.core.admission.Preview.QuotaFinding;
import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodFinding;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.pods.WorkloadVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Policies;
import io.cgrouppolicy.testing.Previews;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreviewTest {
  private static final Workload API = new Workload("Deployment", "api", null);
  private static final Surroundings NOTHING = new Surroundings(null, List.of());
  private static final LimitRangeSpec MAX =
      limitRange("Container", item -> item.withMax(resources("memory=1Gi")));

  private static CompiledPolicy policy(LimitRangeSpec limitRange, ResourceQuotaSpec quota) {
    return new CompiledPolicy(
        "p", "uid", 1, "", null, List.of(), List.of(), limitRange, List.of(), quotas(quota));
  }

  private static Preview.Result preview(CompiledPolicy policy, PodFacts... pods) {
    return Previews.of(List.of(pods), policy, NOTHING, pod -> API);
  }

  private static PodFacts[] pods(int count, String limits) {
    var shape = pod(main(limits, limits));
    var pods = new PodFacts[count];
    for (int i = 0; i < count; i++) {
      pods[i] = facts("api-" + i, shape);
    }
    return pods;
  }

  /// Field case 05, in a policy that was stored before the schema required the default.
  @Test
  void devicesThatEveryContainerWouldBeGivenAreNotSafe() {
    var limits = "namespaces: {selector: {}, limitRange: {limits: [{type: Container, %s}]}}";
    var gpus = Policies.compiled("p", limits.formatted("max: {nvidia.com/gpu: 2}"));
    var pod = facts("a", pod(main("memory=1", "memory=1")));
    assertThat(preview(gpus).safe()).as("not even without pods").isFalse();
    var result =
        Previews.of(
            List.of(pod), gpus, new Surroundings(gpus.limitRange(), List.of()), ignored -> API);
    assertThat(result.safe()).isFalse();
    assertThat(result.totals()).isEqualTo(new WorkloadVerdict.Preview(1, 0));
    assertThat(result.findings())
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.finding().advice())
                    .startsWith("set the default that LimitRangeWithoutDefaults names before"));
    var none =
        Policies.compiled(
            "p", limits.formatted("max: {nvidia.com/gpu: 2}, default: {nvidia.com/gpu: 0}"));
    assertThat(preview(none, pod).safe()).isTrue();
  }

  @Test
  void countsPodsThatWouldGetADefault() {
    var result =
        preview(
            policy(defaults("memory=1Gi"), null),
            facts("a", pod(main("", ""))),
            facts("b", pod(main("memory=1", "memory=1"))));
    assertThat(result.totals()).isEqualTo(new WorkloadVerdict.Preview(1, 0));
    assertThat(result.findings()).isEmpty();
    assertThat(result.safe()).isTrue();
  }

  @Test
  void reportsPodsThatWouldBeRejectedAndWhy() {
    var result = preview(policy(MAX, null), facts("a", pod(main("", "memory=2Gi"))));
    assertThat(result.totals()).isEqualTo(new WorkloadVerdict.Preview(0, 1));
    assertThat(result.findings())
        .extracting(PreviewFinding::finding)
        .extracting(PodFinding::check, PodFinding::text)
        .containsExactly(
            tuple(
                Check.WouldReject,
                "would be rejected when next created: container app: maximum memory usage per"
                    + " Container is 1Gi, but limit is 2Gi"));
    assertThat(result.safe()).isFalse();
  }

  @Test
  void aRequestAboveTheDefaultLimitBlamesTheDefault() {
    var result =
        preview(policy(defaults("memory=1Gi"), null), facts("a", pod(main("memory=2Gi", ""))));
    assertThat(result.findings().getFirst().finding().text())
        .startsWith("would be rejected when next created: with the defaults of the LimitRange, ")
        .endsWith("must be less than or equal to memory limit of 1Gi");
  }

  @Test
  void aRejectionByAnotherLimitRangeIsNotOurs() {
    var result =
        Previews.of(
            List.of(facts("a", pod(main("", "memory=2Gi")))),
            policy(defaults("cpu=1"), null),
            new Surroundings(null, List.of(MAX)),
            pod -> API);
    assertThat(result.totals()).isEqualTo(new WorkloadVerdict.Preview(0, 0));
  }

  /// Which default is applied first is unpredictable, so both are tried.
  @Test
  void twoLimitRangesAreTriedInBothOrders() {
    var result =
        Previews.of(
            List.of(facts("a", pod(main("memory=2Gi", "")))),
            policy(defaults("memory=1Gi"), null),
            new Surroundings(null, List.of(defaults("memory=3Gi"))),
            pod -> API);
    assertThat(result.totals().wouldReject()).isOne();
  }

  @Test
  void mirrorPodsAndTerminatingPodsAreExcluded() {
    var shape = pod(main("", ""));
    var result =
        Previews.of(
            List.of(mirror("m", shape), terminating("t", shape)),
            policy(MAX, quota("limits.memory=1Gi,pods=1")),
            new Surroundings(MAX, List.of()),
            pod -> API);
    assertThat(result.totals()).isEqualTo(WorkloadVerdict.Preview.NONE);
    assertThat(result.findings()).isEmpty();
    assertThat(result.mirrorPods()).isOne();
  }

  @Test
  void aQuotaWithoutDefaultsRejectsPodsThatSetNothing() {
    var result = preview(policy(null, quota("limits.memory=9Gi")), facts("a", pod(main("", ""))));
    assertThat(result.findings().getFirst().finding().text())
        .endsWith("failed quota: cgroup-policy: must specify limits.memory for: app");
  }

  /// The defaults use up the quota although the running pods declare nothing.
  @Test
  void aQuotaBelowTheUsageAfterDefaultsRefusesEveryPodThatUsesIt() {
    var result =
        preview(
            policy(defaults("memory=1Gi"), quota("limits.memory=2Gi,pods=9")),
            facts("a", pod(main("", ""))),
            facts("b", pod(main("", ""))),
            facts("c", pod(main("memory=0", "memory=0"))),
            facts("d", pod(main("", ""))));
    assertThat(result.totals()).isEqualTo(new WorkloadVerdict.Preview(0, 3));
    assertThat(result.belowUsage())
        .extracting(QuotaFinding::text)
        .containsExactly(
            "the quota is below current usage: limits.memory is 3Gi, but only 2Gi is allowed");
    assertThat(result.findings().getFirst().finding().text())
        .endsWith(
            "exceeded quota: cgroup-policy, requested: limits.memory=1Gi, used: limits.memory=2Gi,"
                + " limited: limits.memory=2Gi");
  }

  @Test
  void aRollingUpdateNeedsRoomForItsSurge() {
    var result = preview(policy(null, quota("limits.memory=9Gi")), pods(8, "memory=1Gi"));
    assertThat(result.totals().wouldReject()).isZero();
    assertThat(result.safe()).isFalse();
    assertThat(result.rollouts())
        .containsExactly(
            new QuotaFinding(
                API,
                "a rolling update creates 2 more at once, but the quota admits only 1: exceeded"
                    + " quota: cgroup-policy, requested: limits.memory=1Gi, used: limits.memory=9Gi,"
                    + " limited: limits.memory=9Gi"));
    assertThat(preview(policy(null, quota("limits.memory=10Gi")), pods(8, "memory=1Gi")).safe())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "Deployment, , 1, 1",
    "Deployment, , 5, 2",
    "Deployment, 0, 5, 0",
    "Deployment, 3, 5, 3",
    "Deployment, 50%, 5, 3",
    "DaemonSet, , 5, 0",
    "DaemonSet, 10%, 5, 1",
    "StatefulSet, , 5, 0",
    "Pod, , 1, 0",
  })
  void knowsTheSurge(String kind, String surge, int pods, int expected) {
    assertThat(MaxSurge.of(new Workload(kind, "w", surge), pods)).isEqualTo(expected);
  }

  private static PodFinding predating(Workload workload, LimitRangeSpec present, PodFacts pod) {
    var result =
        Previews.of(
            List.of(pod),
            policy(present, null),
            new Surroundings(present, List.of()),
            p -> workload);
    return result.findings().stream()
        .map(PreviewFinding::finding)
        .filter(finding -> finding.check() == Check.PredatesLimitRange)
        .findFirst()
        .orElse(null);
  }

  @Test
  void reportsPodsThatPredateTheLimitRangeAndHowToRestartThem() {
    var finding = predating(API, defaults("memory=1Gi"), facts("a", pod(main("", ""))));
    assertThat(finding.text())
        .isEqualTo(
            "the LimitRange would add: container app limits.memory=1Gi, requests.memory=1Gi");
    assertThat(finding.advice()).isEqualTo("kubectl rollout restart deployment/api -n payments");
  }

  @Test
  void aPodWithTheDefaultsDoesNotPredate() {
    assertThat(
            predating(
                API,
                defaults("memory=1Gi"),
                facts("a", pod(main("memory=1024Mi", "memory=1024Mi")))))
        .isNull();
  }

  @Test
  void aPodThatWouldBeRejectedIsNotToBeRestarted() {
    var finding = predating(API, MAX, facts("a", pod(main("", "memory=2Gi"))));
    assertThat(finding.advice()).startsWith("fix the rejection before you restart anything");
  }

  @ParameterizedTest
  @CsvSource({
    "StatefulSet, kubectl rollout restart statefulset/w -n payments",
    "DaemonSet, kubectl rollout restart daemonset/w -n payments",
    "Job, 'a Job does not replace its pods: let it finish, or delete and recreate it'",
    "CronJob, the pods of its next run get the LimitRange's defaults",
    "Rollout, delete its pods one by one; Rollout w recreates them",
    "Pod, 'no controller recreates it: save its manifest, kubectl delete pod w -n payments, and create"
        + " it again'",
  })
  void knowsHowEachKindIsReplaced(String kind, String advice) {
    var workload = new Workload(kind, "w", null);
    assertThat(RestartAdvice.of(facts("a", pod(main("", ""))), workload)).isEqualTo(advice);
  }
}
