package io.cgrouppolicy.core.namespace;

import static io.cgrouppolicy.testing.Policies.LIMIT_RANGE;
import static io.cgrouppolicy.testing.Policies.QUOTA;
import static io.cgrouppolicy.testing.Policies.book;
import static io.cgrouppolicy.testing.Policies.compiled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Children;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Several quotas in a namespace.
class NamedQuotasTest {
  private static final String HIGH = "cgroup-policy-high";
  private static final String LOW = "cgroup-policy-low";
  private static final String QUOTAS =
      "resourceQuotas: [{name: low, hard: {pods: 9}, scopes: [BestEffort]}, {name: high,"
          + " hard: {pods: 5}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass,"
          + " operator: In, values: [high]}]}}]";

  private static CompiledPolicy policy(String name, String head, String... parts) {
    return compiled(
        name, head + "mode: Enforce, namespaces: {selector: {}, " + String.join(", ", parts) + "}");
  }

  private static final CompiledPolicy P = policy("p", "", LIMIT_RANGE, QUOTA, QUOTAS);

  private static Plan plan(Observed observed, CompiledPolicy... policies) {
    var book = book(policies);
    return NamespacePlanner.plan(book, book.select(Children.NAMESPACE, Map.of()), observed);
  }

  /// All objects of a policy in place.
  private static Observed inPlace(CompiledPolicy policy, CompiledPolicy... owners) {
    var quotas = new TreeMap<String, ResourceQuota>();
    policy
        .resourceQuotas()
        .keySet()
        .forEach(name -> quotas.put(name, Children.namedQuota(name, policy, owners)));
    return new Observed(Children.limitRange(policy, owners), quotas, List.of(), Set.of());
  }

  private static List<String> steps(Plan plan) {
    return plan.steps().stream()
        .map(
            step ->
                switch (step) {
                  case Step.Delete delete -> "delete " + delete.child();
                  case Step.Apply apply when apply.recreate() -> "recreate " + apply.child();
                  case Step.Apply apply when apply.found() == null -> "create " + apply.child();
                  case Step.Apply apply -> "change " + apply.child();
                })
        .toList();
  }

  @Test
  void eachIsCreatedAfterTheLimitRange() {
    var plan = plan(new Observed(null, Map.of(), List.of(), Set.of()), P);
    assertThat(steps(plan))
        .containsExactly(
            "create LimitRange",
            "create ResourceQuota",
            "create ResourceQuota " + HIGH,
            "create ResourceQuota " + LOW);
    assertThat(plan.findings().get(P))
        .extracting(Finding::check, Finding::expected)
        .containsExactly(
            tuple(Check.LimitRangeMissing, "cgroup-policy"),
            tuple(Check.ResourceQuotaMissing, "cgroup-policy"),
            tuple(Check.ResourceQuotaMissing, HIGH),
            tuple(Check.ResourceQuotaMissing, LOW));
    assertThat(plan(inPlace(P, P), P).steps()).isEmpty();
  }

  @Test
  void noneIsCreatedWithoutTheDefaultsOfABlockedLimitRange() {
    var observed =
        new Observed(Children.foreign("cgroup-policy", "1"), Map.of(), List.of(), Set.of());
    assertThat(plan(observed, P).steps()).isEmpty();
  }

  @Test
  void eachIsComparedWithItsOwnEntry() {
    var observed = inPlace(P, P);
    observed.resourceQuotas().get(HIGH).getSpec().setHard(Map.of("pods", new Quantity("6")));
    observed.resourceQuotas().get(LOW).getSpec().setScopes(List.of("NotBestEffort"));
    var plan = plan(observed, P);
    assertThat(steps(plan))
        .containsExactly("change ResourceQuota " + HIGH, "recreate ResourceQuota " + LOW);
    assertThat(plan.findings().get(P))
        .extracting(Finding::message)
        .containsExactly(
            "ResourceQuota " + HIGH + ": hard.pods is 6, not 5",
            "ResourceQuota " + LOW + ": scopes is [NotBestEffort] [], not [BestEffort] []");
    assertThat(NamespaceEvents.reverted(plan).note())
        .startsWith("ResourceQuota " + HIGH + " changed back: hard.pods is 6, not 5; ");
  }

  @Test
  void theQuotaOfARemovedEntryGoesUnlessForeign() {
    var less = policy("p", "", LIMIT_RANGE, QUOTA);
    var observed = inPlace(P, P);
    assertThat(steps(plan(observed, less)))
        .containsExactly("delete ResourceQuota " + HIGH, "delete ResourceQuota " + LOW);
    observed.resourceQuotas().get(HIGH).getMetadata().setLabels(null);
    observed.resourceQuotas().get(HIGH).getMetadata().setOwnerReferences(List.of());
    assertThat(steps(plan(observed, less))).containsExactly("delete ResourceQuota " + LOW);
    assertThat(plan(observed, less).findings().get(less)).as("not the policy's concern").isEmpty();
    assertThat(plan(observed, P).findings().get(P))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.check()).isEqualTo(Check.ResourceQuotaConflict);
              assertThat(finding.message()).contains("ResourceQuota " + HIGH + " exists");
            });
  }

  @Test
  void aPolicyThatTakesOverChangesWhatItHasAndRemovesTheRest() {
    var high = policy("high", "priority: 1, ", LIMIT_RANGE, QUOTAS.replace("name: low", "name: l"));
    assertThat(steps(plan(inPlace(P, P), P, high)))
        .containsExactly(
            "change LimitRange",
            "change ResourceQuota " + HIGH,
            "create ResourceQuota cgroup-policy-l",
            "delete ResourceQuota",
            "delete ResourceQuota " + LOW);
  }

  @Test
  void allGoWhenNoPolicySelectsTheNamespaceAnymore() {
    var elsewhere =
        compiled(
            "p", "mode: Enforce, namespaces: {selector: {matchLabels: {a: b}}, " + QUOTAS + "}");
    assertThat(steps(plan(inPlace(P, P), elsewhere)))
        .containsExactly(
            "delete ResourceQuota",
            "delete ResourceQuota " + HIGH,
            "delete ResourceQuota " + LOW,
            "delete LimitRange");
  }

  @Test
  void anInvalidPolicyHoldsTheNamespaceByAnyOfItsQuotas() {
    var invalid = policy("p", "", "exclude: ['a b']", QUOTAS);
    assertThat(invalid.valid()).isFalse();
    var quota = Children.namedQuota(HIGH, P, P);
    var plan =
        plan(
            new Observed(null, Map.of(HIGH, quota), List.of(), Set.of()),
            invalid,
            policy("q", "", LIMIT_RANGE));
    assertThat(plan.heldBy()).isEqualTo("p");
    assertThat(plan.steps()).isEmpty();
  }

  @Test
  void orphansHaveNoOwner() {
    var orphaning = policy("p", "deletionPolicy: Orphan, ", QUOTAS);
    assertThat(plan(inPlace(P, P), orphaning).steps())
        .filteredOn(Step.Apply.class::isInstance)
        .hasSize(2)
        .allSatisfy(step -> assertThat(((Step.Apply) step).owners()).isEmpty());
  }

  @Test
  void aFindingNamesItsQuota() {
    var policy = policy("p", "", QUOTA, "resourceQuotas: [{name: jobs, hard: {requests.cpu: 4}}]");
    assertThat(plan(inPlace(policy, policy), policy).findings().get(policy))
        .filteredOn(finding -> finding.check() == Check.ResourceQuotaWithoutDefaults)
        .extracting(Finding::message)
        .satisfiesExactlyInAnyOrder(
            message -> assertThat(message).startsWith("quota cgroup-policy counts limits.memory"),
            message ->
                assertThat(message).startsWith("quota cgroup-policy-jobs counts requests.cpu"));
  }

  @Test
  void eachIsOverdueSeparately() {
    var observed = inPlace(P, P);
    var late =
        new Observed(observed.limitRange(), observed.resourceQuotas(), List.of(), Set.of(LOW));
    assertThat(plan(late, P).findings().get(P))
        .extracting(Finding::check, Finding::message)
        .containsExactly(
            tuple(
                Check.ResourceQuotaNotEffective,
                "ResourceQuota "
                    + LOW
                    + ": status.hard.pods is unset, not 9; none of it is enforced until the quota"
                    + " controller adopts it"));
  }

  @Test
  void waitsForEachAdoptionFromItsOwnWrite() {
    var start = Instant.parse("2026-06-01T12:00:00Z");
    var quotas = inPlace(P, P).resourceQuotas();
    var first = QuotaAdoption.next(Map.of(), Map.of(LOW, quotas.get(LOW)), start);
    var both = QuotaAdoption.next(first, quotas, start.plusSeconds(20));
    assertThat(both).containsOnlyKeys(quotas.keySet());
    assertThat(
            Stream.of(LOW, HIGH)
                .map(name -> both.get(name).left(Duration.ofSeconds(30), start.plusSeconds(20))))
        .containsExactly(
            Duration.ofSeconds(10).plusMillis(1), Duration.ofSeconds(30).plusMillis(1));
    assertThat(QuotaAdoption.next(both, Map.of(), start)).isEmpty();
  }

  @Test
  void namesOfOwnersAreThoseOfAllEnforcingPolicies() {
    var standby = policy("standby", "priority: -1, ", QUOTA);
    assertThat(plan(new Observed(null, Map.of(), List.of(), Set.of()), P, standby).steps())
        .hasSize(4)
        .allSatisfy(
            step ->
                assertThat(((Step.Apply) step).owners())
                    .extracting(OwnerReference::getName)
                    .containsExactly("p", "standby"));
  }
}
