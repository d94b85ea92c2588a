package io.cgrouppolicy.core.admission;

import static io.cgrouppolicy.core.admission.Samples.facts;
import static io.cgrouppolicy.core.admission.Samples.main;
import static io.cgrouppolicy.core.admission.Samples.pod;
import static io.cgrouppolicy.core.admission.Samples.quota;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.admission.Preview.QuotaFinding;
import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodShape;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Policies;
import io.cgrouppolicy.testing.Previews;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// A pod is charged to each quota whose scopes it matches, and to no other.
class QuotasPreviewTest {
  private static final Workload API = new Workload("StatefulSet", "api", null);

  private static Preview.Result preview(CompiledPolicy policy, PodFacts... pods) {
    assertThat(policy.problems()).isEmpty();
    return Previews.of(List.of(pods), policy, new Surroundings(null, List.of()), pod -> API);
  }

  private static CompiledPolicy policy(String quotas) {
    return Policies.compiled("p", "namespaces: {selector: {}, " + quotas + "}");
  }

  private static PodShape priority(String priorityClass, String cpu) {
    var shape = pod(main("cpu=" + cpu, "cpu=" + cpu));
    return new PodShape(
        shape.containers(), Map.of(), Map.of(), Map.of(), priorityClass, 0, false, false);
  }

  private static String ofPriority(String name, String hard) {
    return "{name: %1$s, hard: {%2$s}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass,"
            .formatted(name, hard)
        + " operator: In, values: ["
        + name
        + "]}]}}";
  }

  @Test
  void chargesEachPriorityClassToItsOwnQuota() {
    var policy =
        policy(
            "resourceQuotas: [%s, %s]"
                .formatted(
                    ofPriority("high", "requests.cpu: 4"), ofPriority("low", "requests.cpu: 1")));
    var result =
        preview(
            policy,
            facts("high-1", priority("high", "2")),
            facts("high-2", priority("high", "2")),
            facts("low-1", priority("low", "1")),
            facts("low-2", priority("low", "1")),
            facts("none", priority("", "9")));
    assertThat(result.belowUsage())
        .extracting(QuotaFinding::text)
        .containsExactly(
            "quota cgroup-policy-low is below current usage: requests.cpu is 2, but only 1 is"
                + " allowed");
    assertThat(result.findings())
        .extracting(finding -> finding.pod().name(), finding -> finding.finding().text())
        .allSatisfy(
            found -> {
              assertThat((String) found.toList().get(0)).startsWith("low-");
              assertThat((String) found.toList().get(1))
                  .endsWith(
                      "exceeded quota: cgroup-policy-low, requested: requests.cpu=1, used:"
                          + " requests.cpu=1, limited: requests.cpu=1");
            })
        .hasSize(2);
    assertThat(result.safe()).isFalse();
  }

  @Test
  void separatesTerminatingAndBestEffortPods() {
    var policy =
        policy(
            "resourceQuotas: [{name: jobs, hard: {pods: 1}, scopes: [Terminating]}, {name: free,"
                + " hard: {pods: 1}, scopes: [BestEffort, NotTerminating]}]");
    var job = new PodShape(List.of(main("", "")), Map.of(), Map.of(), Map.of(), "", 0, true, false);
    assertThat(preview(policy, facts("job", job), facts("free", pod(main("", "")))).safe())
        .as("one of each")
        .isTrue();
    assertThat(preview(policy, facts("job", job), facts("job-2", job)).belowUsage())
        .extracting(QuotaFinding::text)
        .containsExactly(
            "quota cgroup-policy-jobs is below current usage: pods is 2, but only 1 is allowed");
  }

  @Test
  void aPodIsChargedToSeveralQuotas() {
    var policy =
        policy("resourceQuota: {hard: {pods: 1}}, resourceQuotas: [{name: b, hard: {pods: 1}}]");
    var result = preview(policy, facts("a", pod(main("", ""))), facts("b", pod(main("", ""))));
    assertThat(result.belowUsage())
        .extracting(QuotaFinding::text)
        .containsExactly(
            "quota cgroup-policy is below current usage: pods is 2, but only 1 is allowed",
            "quota cgroup-policy-b is below current usage: pods is 2, but only 1 is allowed");
    assertThat(result.totals().wouldReject()).as("pods, not rejections").isEqualTo(2);
  }

  @Test
  void theServerChecksWhatQuotasRequireBeforeItCounts() {
    var quotas = new TreeMap<String, ResourceQuotaSpec>();
    quotas.put("a", quota("pods=0"));
    quotas.put("b", quota("limits.memory=1Gi"));
    var evaluators =
        quotas.entrySet().stream()
            .map(quota -> new QuotaEvaluator(quota.getKey(), quota.getValue()))
            .toList();
    var unused = List.of(new ResourceList(), new ResourceList());
    assertThat(QuotaEvaluator.rejections(evaluators, pod(main("", "")), unused))
        .extracting(Rejection::text)
        .containsExactly("failed quota: b: must specify limits.memory for: app");
    var set = pod(main("memory=1", "memory=1"));
    assertThat(QuotaEvaluator.rejections(evaluators, set, unused))
        .extracting(Rejection::text)
        .containsExactly("exceeded quota: a, requested: pods=1, used: pods=0, limited: pods=0");
  }

  @Test
  void aRolloutNeedsRoomInEachQuota() {
    var policy =
        policy("resourceQuota: {hard: {pods: 9}}, resourceQuotas: [{name: b, hard: {pods: 1}}]");
    var surging = new Workload("Deployment", "api", "1");
    var pods = List.of(facts("a", pod(main("", ""))));
    var result = Previews.of(pods, policy, new Surroundings(null, List.of()), pod -> surging);
    assertThat(result.findings()).isEmpty();
    assertThat(result.rollouts())
        .extracting(QuotaFinding::text)
        .singleElement()
        .satisfies(text -> assertThat(text).contains("exceeded quota: cgroup-policy-b"));
  }
}
