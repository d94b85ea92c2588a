package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.testing.Policies.BASELINE;
import static io.cgrouppolicy.testing.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NamespaceCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PreviewCounts;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Children;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The oracle must find each kind of difference; that it finds none where there is none is shown by
/// every history.
class OracleTest {
  private static final String OTHER =
      "mode: Enforce, namespaces: {selector: {matchLabels: {a: b}}}";

  /// What the API server adds.
  private static final String DEFAULTS =
      "priority: 0, rollout: Immediate, deletionPolicy: Delete, ";

  private final CgroupPolicy policy = judged(policy("p", DEFAULTS + BASELINE), "Enforced", 1);
  private final CompiledPolicy compiled = CompiledPolicy.of(policy);
  private final LimitRange limitRange = Children.limitRange(compiled, compiled);
  private final ResourceQuota quota = Children.quota(compiled, compiled);

  /// @param selected the number of namespaces, all of them compliant
  private static CgroupPolicy judged(CgroupPolicy policy, String ready, int selected) {
    var conditions =
        Stream.of("Ready", "Compliant", "NamespacesCompliant")
            .map(type -> condition(type, ready))
            .toList();
    var counts = new NamespaceCounts(selected, selected, 0, 0, selected + "/" + selected);
    policy.setStatus(
        new CgroupPolicyStatus(
            1L,
            conditions,
            counts,
            null,
            new PreviewCounts(0, 0, 0),
            null,
            null,
            0,
            null,
            List.of()));
    return policy;
  }

  private static Condition condition(String type, String reason) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus("True")
        .withReason(reason)
        .withObservedGeneration(1L)
        .build();
  }

  private List<String> differences(CgroupPolicy... policies) {
    var namespace =
        new NamespaceBuilder().withNewMetadata().withName(Children.NAMESPACE).endMetadata().build();
    return new Oracle(
            new World(
                List.of(policies),
                List.of(namespace),
                Stream.ofNullable(limitRange).filter(l -> l.getSpec() != null).toList(),
                List.of(quota),
                List.of(),
                List.of()))
        .differences();
  }

  @Test
  void findsNothingWhereTheClusterEqualsItsPolicies() {
    assertThat(differences(policy)).isEmpty();
  }

  @Test
  void findsAMissingObject() {
    limitRange.setSpec(null);
    assertThat(differences(policy)).contains("a: LimitRange cgroup-policy of p is missing");
  }

  @Test
  void findsAnotherValueAndASurplusOne() {
    quota
        .getSpec()
        .setHard(Map.of("limits.memory", new Quantity("8192Mi"), "pods", new Quantity("51")));
    assertThat(differences(policy)).contains("a: ResourceQuota cgroup-policy differs from p");
    quota
        .getSpec()
        .setHard(Map.of("limits.memory", new Quantity("8192Mi"), "pods", new Quantity("50")));
    assertThat(differences(policy)).isEmpty();
    limitRange.getSpec().getLimits().getFirst().setMin(Map.of("cpu", new Quantity("1")));
    assertThat(differences(policy)).contains("a: LimitRange cgroup-policy differs from p");
  }

  @Test
  void findsLabelsAndOwners() {
    quota.getMetadata().setLabels(Map.of());
    assertThat(differences(policy)).contains("a: ResourceQuota cgroup-policy has labels {}");
    limitRange.getMetadata().getOwnerReferences().getFirst().setUid("another");
    assertThat(differences(policy))
        .contains("a: LimitRange cgroup-policy has owners {another=p}, not [uid-p]");
  }

  @Test
  void findsObjectsThatAPolicyLeftBehind() {
    var elsewhere = judged(policy("p", DEFAULTS + OTHER), "Enforced", 0);
    assertThat(differences(elsewhere))
        .contains(
            "a: LimitRange cgroup-policy: is left of policy p, which does not govern here; owners {uid-p=p}");
    var audit = judged(policy("p", DEFAULTS + OTHER.replace("Enforce", "Audit")), "Audited", 0);
    assertThat(differences(audit)).as("mode Audit writes nothing").isEmpty();
  }

  @Test
  void findsWrongCountersAndWhatIsNotDecided() {
    judged(policy, "Enforced", 2);
    assertThat(differences(policy)).singleElement().asString().contains("instead of 1 namespaces");
    judged(policy, "Observing", 1);
    assertThat(differences(policy)).contains("policy p: Ready is still Observing: null");
    policy.getMetadata().setGeneration(2L);
    assertThat(differences(policy)).contains("policy p: has no status of generation 2");
  }
}
