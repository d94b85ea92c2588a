package io.cgrouppolicy.core.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Children;
import io.cgrouppolicy.testing.Policies;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatusBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Quotas that are below current usage by the status that the quota controller wrote.
class ExceededQuotasTest {
  private static final String OBJECTS = Child.NAME + "-objects";

  private static final CompiledPolicy POLICY =
      policy("{services: 1, count/pods: 2, limits.memory: 1Gi}", "{services: 2}");

  private static CompiledPolicy policy(String hard, String named) {
    return Policies.compiled(
        "p",
        "mode: Enforce, namespaces: {selector: {}, resourceQuota: {hard: %s}, resourceQuotas: [{name: objects, hard: %s}]}"
            .formatted(hard, named));
  }

  private static ResourceQuota stored(
      String name, CompiledPolicy policy, Map<String, String> used) {
    var quota = Children.namedQuota(name, policy, policy);
    var amounts = new TreeMap<String, Quantity>();
    used.forEach((key, amount) -> amounts.put(key, new Quantity(amount)));
    quota.setStatus(
        new ResourceQuotaStatusBuilder()
            .withHard(quota.getSpec().getHard())
            .withUsed(amounts)
            .build());
    return quota;
  }

  private static List<String> messages(
      ResourceQuota usual, ResourceQuota named, WorkloadFinding... previewed) {
    return ExceededQuotas.of(
            POLICY, "shop", Map.of(Child.NAME, usual, OBJECTS, named), List.of(previewed))
        .stream()
        .peek(found -> assertThat(found.kind() + "/" + found.name()).isEqualTo("Namespace/shop"))
        .peek(found -> assertThat(found.finding().check()).isEqualTo(Check.WouldReject))
        .map(found -> found.finding().message())
        .toList();
  }

  @Test
  void namesEachKeyOfEachQuota() {
    var used = Map.of("services", "3", "count/pods", "2", "limits.memory", "1Gi");
    assertThat(
            messages(
                stored(Child.NAME, POLICY, used), stored(OBJECTS, POLICY, Map.of("services", "3"))))
        .containsExactly(
            "quota cgroup-policy is below current usage: services is 3, but only 1 is allowed",
            "quota cgroup-policy-objects is below current usage: services is 3, but only 2 is"
                + " allowed");
  }

  @Test
  void doesNotRepeatThePreview() {
    var usual = stored(Child.NAME, POLICY, Map.of("count/pods", "5", "limits.memory", "3Gi"));
    var named = stored(OBJECTS, POLICY, Map.of("services", "2"));
    var preview =
        new WorkloadFinding(
            "Namespace",
            "shop",
            Finding.of(
                Check.WouldReject,
                "room in the quota",
                "none",
                "quota cgroup-policy is below current usage: limits.memory is 4Gi, but only 1Gi is"
                    + " allowed"));
    assertThat(messages(usual, named, preview))
        .containsExactly(
            "quota cgroup-policy is below current usage: count/pods is 5, but only 2 is allowed");
  }

  @Test
  void theStatusOfAnotherSpecIsIgnored() {
    var other = policy("{services: 9}", "{services: 2}");
    var used = Map.of("services", "10");
    assertThat(messages(stored(Child.NAME, other, used), stored(OBJECTS, POLICY, Map.of())))
        .as("drifted")
        .isEmpty();
    var foreign = stored(Child.NAME, POLICY, used);
    foreign.getMetadata().setLabels(null);
    foreign.getMetadata().setOwnerReferences(List.of());
    foreign.getMetadata().setManagedFields(List.of());
    assertThat(messages(foreign, stored(OBJECTS, POLICY, Map.of()))).isEmpty();
    var pending = stored(Child.NAME, POLICY, used);
    pending.getStatus().setHard(Map.of("services", new Quantity("20"), "pods", new Quantity("0")));
    pending.getStatus().setUsed(Map.of("services", new Quantity("10"), "pods", new Quantity("1")));
    assertThat(messages(pending, stored(OBJECTS, POLICY, Map.of())))
        .as("not adopted yet")
        .isEmpty();
  }
}
