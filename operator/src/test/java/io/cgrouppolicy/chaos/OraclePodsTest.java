package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.testing.Policies.LIMIT_RANGE;
import static io.cgrouppolicy.testing.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NamespaceCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PreviewCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.WorkloadCounts;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The oracle must find each pod that counts wrongly.
class OraclePodsTest extends OracleFixture {
  private static final String WORKLOADS =
      DEFAULTS
          + "mode: Enforce, namespaces: {selector: {}, "
          + LIMIT_RANGE
          + "}, workloads: {requireLimits: [memory]}";

  /// The differences for a policy with rules for pods, which counts so many of them.
  private List<String> counting(
      String spec, int all, int violating, int missing, PreviewCounts preview) {
    quota = null;
    var of = policy("p", spec);
    limitRange.getMetadata().setAnnotations(annotations());
    return differences(
        with(
            of,
            "Enforced",
            new NamespaceCounts(1, 1, 0, 0, "1/1"),
            new WorkloadCounts(all, all - violating, violating),
            preview,
            null,
            null,
            missing));
  }

  @Test
  void findsAPodThatDoesNotCountAsAViolation() {
    pods.addAll(List.of(bare("bare"), defaulted("defaulted")));
    var preview = new PreviewCounts(1, 0, 0);
    assertThat(counting(WORKLOADS, 2, 1, 1, preview)).isEmpty();
    assertThat(counting(WORKLOADS, 2, 0, 1, preview)).hasSize(1);
    assertThat(counting(WORKLOADS, 2, 2, 1, preview)).hasSize(1);
    assertThat(counting(WORKLOADS, 2, 1, 0, preview)).hasSize(1);
    assertThat(counting(WORKLOADS, 2, 1, 1, new PreviewCounts(0, 0, 0))).hasSize(1);
    assertThat(counting(WORKLOADS, 2, 1, 1, new PreviewCounts(1, 1, 0))).hasSize(1);
    pods.add(pod("deleted", "BestEffort", "{}", ", deletionTimestamp: '2026-01-01T00:00:00Z'"));
    assertThat(counting(WORKLOADS, 2, 1, 1, preview)).as("a terminating pod").isEmpty();
  }

  @Test
  void knowsExceptionsAndStaticPods() {
    var exceptions =
        WORKLOADS
            + ", exceptions: [{check: MemoryLimitMissing, namespaces: [a], reason: test},"
            + " {check: PredatesLimitRange, namespaces: ['?'], reason: test%s}]";
    pods.add(bare("bare"));
    var preview = new PreviewCounts(1, 0, 0);
    assertThat(counting(exceptions.formatted(""), 1, 0, 0, preview)).isEmpty();
    var expired = exceptions.formatted(", expires: '2026-01-01T00:00:00Z'");
    assertThat(counting(expired, 1, 0, 0, preview)).hasSize(1);
    assertThat(counting(expired, 1, 1, 0, preview)).isEmpty();
    pods.set(
        0, pod("static", "BestEffort", "{}", ", annotations: {kubernetes.io/config.mirror: x}"));
    var none = new PreviewCounts(0, 0, 0);
    assertThat(counting(expired, 1, 0, 0, none)).as("no default ever reaches it").isEmpty();
    assertThat(counting(WORKLOADS, 1, 1, 1, none)).isEmpty();
  }

  @Test
  void findsAPodThatWouldBeRejected() {
    pods.add(pod("large", "Burstable", "{requests: {memory: 1Gi}}", ""));
    assertThat(counting(WORKLOADS, 1, 1, 1, new PreviewCounts(0, 1, 0)))
        .as("its request is above the default limit")
        .isEmpty();
    assertThat(counting(WORKLOADS, 1, 1, 1, new PreviewCounts(1, 0, 0))).hasSize(1);
    var bounds = WORKLOADS.replace("defaultRequest:", "max: {memory: 600Mi}, defaultRequest:");
    limitRange.getSpec().getLimits().getFirst().setMax(Map.of("memory", new Quantity("600Mi")));
    pods.set(0, pod("large", "Burstable", "{limits: {memory: 1Gi}, requests: {memory: 1Gi}}", ""));
    assertThat(counting(bounds, 1, 1, 0, new PreviewCounts(0, 1, 0))).isEmpty();
    assertThat(counting(bounds, 1, 0, 0, new PreviewCounts(0, 0, 0))).hasSize(2);
  }

  @Test
  void findsANamespaceThatNeedNotWait() {
    var careful = WORKLOADS.replace("Immediate", "WhenSafe");
    limitRange = null;
    pods.add(bare("bare"));
    var of = policy("p", careful);
    quota = null;
    violated(of, "Enforced", new WorkloadCounts(1, 0, 1), new PreviewCounts(1, 0, 1), 1);
    assertThat(differences(of))
        .contains("a: LimitRange cgroup-policy of p is missing")
        .anyMatch(difference -> difference.contains("0 namespaces wait"));
    pods.set(0, pod("large", "Burstable", "{requests: {memory: 1Gi}}", ""));
    violated(of, "Enforced", new WorkloadCounts(1, 0, 1), new PreviewCounts(0, 1, 1), 1);
    assertThat(differences(of)).isEmpty();
  }

  @Test
  void knowsWhatAQuotaRejects() {
    var quotas =
        DEFAULTS
            + "mode: Audit, namespaces: {selector: {}, resourceQuota: {hard: {pods: '2'}, scopes:"
            + " [NotTerminating]}}, workloads: {}";
    limitRange = null;
    pods.addAll(List.of(bare("one"), bare("two")));
    assertThat(audited(quotas, 2, 0, new PreviewCounts(0, 0, 0))).isEmpty();
    pods.add(bare("three"));
    assertThat(audited(quotas, 3, 0, new PreviewCounts(0, 0, 0))).hasSize(2);
    assertThat(audited(quotas, 3, 3, new PreviewCounts(0, 3, 0))).isEmpty();
    assertThat(audited(quotas.replace("Not", ""), 3, 0, new PreviewCounts(0, 0, 0))).isEmpty();
    assertThat(audited(quotas.replace("pods:", "limits.memory:"), 3, 3, new PreviewCounts(0, 3, 0)))
        .as("they do not set what the quota counts")
        .isEmpty();
  }

  private List<String> audited(String spec, int all, int violating, PreviewCounts preview) {
    quota = null;
    var of = policy("p", spec);
    violated(of, "Audited", new WorkloadCounts(all, all - violating, violating), preview, 0);
    return differences(of);
  }

  /// Gives a policy the status that its only namespace violates it.
  ///
  /// @param missing the number of violations of MemoryLimitMissing
  private static void violated(
      CgroupPolicy policy,
      String ready,
      WorkloadCounts workloads,
      PreviewCounts preview,
      int missing) {
    var namespaces = new NamespaceCounts(1, 0, 1, 0, "0/1");
    with(policy, ready, namespaces, workloads, preview, null, null, missing);
    policy.getStatus().conditions().getLast().setStatus("False");
  }
}
