package io.cgrouppolicy.core.namespace;

import static io.cgrouppolicy.testing.Policies.BASELINE;
import static io.cgrouppolicy.testing.Policies.LIMIT_RANGE;
import static io.cgrouppolicy.testing.Policies.book;
import static io.cgrouppolicy.testing.Policies.compiled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Children;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatusBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A quota without the defaults that it requires, and one that is not enforced.
class QuotaFindingsTest {
  private static List<Finding> findings(CompiledPolicy policy, Observed observed, Check check) {
    var book = book(policy);
    return NamespacePlanner.plan(book, book.select(Children.NAMESPACE, Map.of()), observed)
        .findings()
        .get(policy)
        .stream()
        .filter(finding -> finding.check() == check)
        .toList();
  }

  private static List<Finding> withoutDefaults(CompiledPolicy policy, LimitRange... others) {
    return findings(
        policy,
        Children.observed(null, null, List.of(others), false),
        Check.ResourceQuotaWithoutDefaults);
  }

  private static LimitRange theirs(String name, String items) {
    var limitRange = Children.foreign(name, "1");
    limitRange.setSpec(Serialization.unmarshal("limits: [" + items + "]", LimitRangeSpec.class));
    return limitRange;
  }

  private static CompiledPolicy quota(String mode, String limitRange, String quota) {
    return compiled(
        "p",
        "mode: %s, namespaces: {selector: {}, %sresourceQuota: {%s}}"
            .formatted(mode, limitRange, quota));
  }

  /// The six resources that the API server requires, and others that it does not.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limits.memory: 8Gi, pods: '50'      |",
        "requests.memory: 8Gi, memory: 9Gi   |",
        "limits.cpu: 8                       | limits.cpu",
        "requests.cpu: 8, cpu: 9             | cpu, requests.cpu",
        "limits.ephemeral-storage: 8Gi       |",
        "requests.nvidia.com/gpu: 4          |",
        "hugepages-2Mi: 4Gi                  |",
        "pods: '50', count/jobs.batch: '9'   |",
      })
  void reportsRequiredResourcesWithoutADefault(String hard, String lacking) {
    for (var mode : List.of("Audit", "Enforce")) {
      var found = withoutDefaults(quota(mode, LIMIT_RANGE + ", ", "hard: {" + hard + "}"));
      if (lacking == null) {
        assertThat(found).isEmpty();
      } else {
        assertThat(found)
            .singleElement()
            .satisfies(
                finding -> {
                  assertThat(finding.expected()).isEqualTo("a default for " + lacking);
                  assertThat(finding.message())
                      .startsWith("the quota counts " + lacking + ", for which")
                      .contains("every pod with a container");
                });
      }
    }
  }

  @Test
  void aDefaultRequestIsNoDefaultLimit() {
    var requests = "limitRange: {limits: [{type: Container, defaultRequest: {memory: 1Gi}}]}, ";
    assertThat(withoutDefaults(quota("Enforce", requests, "hard: {requests.memory: 8Gi}")))
        .isEmpty();
    assertThat(withoutDefaults(quota("Enforce", requests, "hard: {limits.memory: 8Gi}")))
        .hasSize(1);
  }

  @Test
  void aPodEntryGivesNoDefault() {
    var pods = "limitRange: {limits: [{type: Pod, max: {memory: 1Gi}}]}, ";
    assertThat(withoutDefaults(quota("Enforce", pods, "hard: {limits.memory: 8Gi}"))).hasSize(1);
    var containers = pods.replace("Pod", "Container");
    assertThat(withoutDefaults(quota("Enforce", containers, "hard: {limits.memory: 8Gi}")))
        .as("the API server makes the maximum a default")
        .isEmpty();
  }

  @Test
  void anotherLimitRangeGivesDefaultsToo() {
    var policy = quota("Enforce", "", "hard: {limits.memory: 8Gi, requests.cpu: 4}");
    assertThat(withoutDefaults(policy)).hasSize(1);
    assertThat(withoutDefaults(policy, theirs("a", "{type: Container, default: {memory: 1Gi}}")))
        .extracting(Finding::expected)
        .containsExactly("a default for requests.cpu");
    assertThat(
            withoutDefaults(
                policy,
                theirs("a", "{type: Container, default: {memory: 1Gi}}"),
                theirs("b", "{type: Container, defaultRequest: {cpu: 100m}}")))
        .isEmpty();
  }

  @Test
  void namesTheScopesOfTheQuota() {
    assertThat(
            withoutDefaults(
                quota("Enforce", "", "hard: {limits.memory: 8Gi}, scopes: [NotBestEffort]")))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.message()).contains("every pod of scope NotBestEffort with"));
    assertThat(withoutDefaults(quota("Enforce", "", "hard: {pods: '5'}, scopes: [BestEffort]")))
        .as("counts pods only")
        .isEmpty();
  }

  @Test
  void aWithheldQuotaRejectsNoPod() {
    var policy = compiled("p", BASELINE);
    var blocked = Children.observed(theirs(Child.NAME, ""), null, List.of(), false);
    assertThat(findings(policy, blocked, Check.ResourceQuotaWithoutDefaults)).isEmpty();
    assertThat(findings(policy, blocked, Check.ResourceQuotaMissing)).hasSize(1);
    var inPlace =
        Children.observed(theirs(Child.NAME, ""), Children.quota(policy, policy), List.of(), false);
    assertThat(findings(policy, inPlace, Check.ResourceQuotaWithoutDefaults)).hasSize(1);
  }

  private static List<Finding> notEffective(Map<String, Quantity> hard, boolean overdue) {
    var policy = compiled("p", BASELINE);
    return findings(
        policy,
        Children.observed(
            Children.limitRange(policy, policy),
            withStatus(Children.quota(policy, policy), hard),
            List.of(),
            overdue),
        Check.ResourceQuotaNotEffective);
  }

  private static ResourceQuota withStatus(ResourceQuota quota, Map<String, Quantity> hard) {
    quota.setStatus(new ResourceQuotaStatusBuilder().withHard(hard).withUsed(hard).build());
    return quota;
  }

  @Test
  void aQuotaNotAdoptedInTimeIsNotEffective() {
    assertThat(notEffective(Map.of(), false)).as("in time").isEmpty();
    assertThat(notEffective(Map.of(), true))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.expected()).isEqualTo("status.hard.limits.memory: 8Gi");
              assertThat(finding.actual()).isEqualTo("unset");
              assertThat(finding.message())
                  .contains("status.hard.limits.memory is unset, not 8Gi and 1 more")
                  .contains("none of it is enforced");
            });
    assertThat(
            notEffective(
                Map.of("limits.memory", new Quantity("4Gi"), "pods", new Quantity("50")), true))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.message()).contains("is 4Gi, not 8Gi; the old figures are"));
    assertThat(
            notEffective(
                Map.of("limits.memory", new Quantity("8192Mi"), "pods", new Quantity("50")), true))
        .as("the same in another spelling")
        .isEmpty();
  }

  @Test
  void aDriftedQuotaIsReportedOnlyAsDrifted() {
    var policy = compiled("p", BASELINE);
    var other = compiled("p", BASELINE.replace("8Gi", "9Gi"));
    var observed =
        Children.observed(
            null, withStatus(Children.quota(other, other), Map.of()), List.of(), true);
    assertThat(findings(policy, observed, Check.ResourceQuotaDrifted)).hasSize(1);
    assertThat(findings(policy, observed, Check.ResourceQuotaNotEffective)).isEmpty();
  }

  private static String conflict(String ours, LimitRange... others) {
    var policy = compiled("p", "namespaces: {selector: {}, limitRange: {limits: [" + ours + "]}}");
    var found =
        findings(
            policy,
            Children.observed(null, null, List.of(others), false),
            Check.LimitRangeConflict);
    return found.isEmpty() ? null : found.getFirst().message();
  }

  @Test
  void reportsBoundsThatTwoLimitRangesMakeImpossible() {
    var ours = "{type: Container, max: {memory: 1Gi}, min: {memory: 64Mi}}";
    var theirs = "LimitRange theirs is not managed by the operator";
    assertThat(conflict(ours, theirs("theirs", "{type: Container, max: {memory: 1024Mi}}")))
        .as("the same default, which max makes")
        .isNull();
    assertThat(conflict(ours, theirs("theirs", "{type: Container, min: {memory: 2Gi}}")))
        .isEqualTo(
            theirs
                + "; min memory 2Gi per Container of theirs is above max"
                + " 1Gi per Container of cgroup-policy, so no pod is admitted");
    assertThat(conflict(ours, theirs("theirs", "{type: Pod, max: {memory: 32Mi}}")))
        .contains(
            "min memory 64Mi per Container of cgroup-policy is above max 32Mi per Pod of theirs");
    assertThat(conflict(ours, theirs("theirs", "{type: Pod, min: {memory: 2Gi}}")))
        .as("several containers make a pod")
        .isNull();
    assertThat(conflict(ours, theirs("theirs", "{type: Container, default: {memory: 2Gi}}")))
        .contains("default memory 2Gi of theirs is above max 1Gi of cgroup-policy");
    assertThat(
            conflict(ours, theirs("theirs", "{type: Container, defaultRequest: {memory: 32Mi}}")))
        .contains("defaultRequest memory 32Mi of theirs is below min 64Mi of cgroup-policy");
    assertThat(
            conflict(
                ours,
                theirs("a", "{type: Container, min: {cpu: 2}}"),
                theirs("b", "{type: Container, max: {cpu: 1}}")))
        .contains("min cpu 2 per Container of a is above max 1 per Container of b");
  }

  private static List<Finding> uncounted(String hard, String counted) {
    var policy = quota("Enforce", "", "hard: {" + hard + "}");
    var quota = Children.quota(policy, policy);
    var all = quota.getSpec().getHard();
    var used = new HashMap<>(all);
    used.keySet().removeIf(key -> !key.equals(counted));
    quota.setStatus(
        new ResourceQuotaStatusBuilder().withHard(new HashMap<>(all)).withUsed(used).build());
    return findings(
        policy, Children.observed(null, quota, List.of(), true), Check.ResourceQuotaNotEffective);
  }

  /// Field case 02, in a policy that was stored before the schema rejected two of its keys.
  @Test
  void namesTheKeysThatNothingCounts() {
    var found =
        uncounted(
            "limits.nvidia.com/gpu: '1', nvidia.com/gpu: '1', count/routes.route.openshift.io: '5',"
                + " openshift.io/imagestreams: '5', pods: '5'",
            "pods");
    assertThat(found)
        .extracting(Finding::expected, Finding::actual, Finding::message)
        .containsExactly(
            tuple(
                "status.used of count/routes.route.openshift.io, limits.nvidia.com/gpu,"
                    + " nvidia.com/gpu, openshift.io/imagestreams",
                "absent",
                "ResourceQuota cgroup-policy: nothing counts count/routes.route.openshift.io (the"
                    + " cluster has no such kind, or the quota controller does not see it),"
                    + " limits.nvidia.com/gpu (use requests.nvidia.com/gpu), nvidia.com/gpu (use"
                    + " requests.nvidia.com/gpu), openshift.io/imagestreams (only OpenShift does),"
                    + " so any amount is admitted"));
    assertThat(uncounted("requests.nvidia.com/gpu: '1'", "requests.nvidia.com/gpu")).isEmpty();
  }

  /// HAMi's scheduler reads the quota itself and does not write its status.
  @Test
  void whatHamiCountsIsNotMissed() {
    assertThat(uncounted("limits.nvidia.com/gpu: '2', limits.nvidia.com/gpumem: '4000'", ""))
        .isEmpty();
    assertThat(
            uncounted("limits.nvidia.com/gpumem: '4000', count/routes.route.openshift.io: '5'", ""))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.expected())
                    .isEqualTo("status.used of count/routes.route.openshift.io"));
  }
}
