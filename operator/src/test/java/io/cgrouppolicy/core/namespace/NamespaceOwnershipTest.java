package io.cgrouppolicy.core.namespace;

import static io.cgrouppolicy.core.namespace.NamespacePlannerTest.BARE;
import static io.cgrouppolicy.core.namespace.NamespacePlannerTest.P;
import static io.cgrouppolicy.core.namespace.NamespacePlannerTest.apply;
import static io.cgrouppolicy.core.namespace.NamespacePlannerTest.checks;
import static io.cgrouppolicy.core.namespace.NamespacePlannerTest.observed;
import static io.cgrouppolicy.core.namespace.NamespacePlannerTest.owners;
import static io.cgrouppolicy.core.namespace.NamespacePlannerTest.plan;
import static io.cgrouppolicy.core.namespace.NamespacePlannerTest.steps;
import static io.cgrouppolicy.testing.Policies.BASELINE;
import static io.cgrouppolicy.testing.Policies.compiled;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.testing.Children;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The plan when objects belong to several policies, or to one that is invalid, audits or no longer
/// selects the namespace.
class NamespaceOwnershipTest {
  @Test
  void removesSurplusOwnersByUid() {
    var gone = compiled("gone", BASELINE);
    var plan = plan(observed(Children.limitRange(P, P, gone), Children.quota(P, P)), P);
    assertThat(steps(plan)).containsExactly("LimitRange changed");
    assertThat(apply(plan).surplusOwners()).containsExactly(gone.uid());
    assertThat(apply(plan).surplus()).isEmpty();
    assertThat(apply(plan).onlyRemoves()).isTrue();
  }

  @Test
  void replacesAnOwnerByARemovalAndAnApply() {
    var gone = compiled("gone", BASELINE);
    var plan = plan(observed(Children.limitRange(P, gone), Children.quota(P, P)), P);
    assertThat(apply(plan).surplusOwners()).containsExactly(gone.uid());
    assertThat(apply(plan).onlyRemoves()).isFalse();
  }

  @Test
  void removesAnOwnerAndChangesTheRestByARemovalAndAnApply() {
    var other = compiled("p", BASELINE.replace("512Mi", "1Gi"));
    var gone = compiled("gone", BASELINE);
    var plan = plan(observed(Children.limitRange(other, P, gone), Children.quota(P, P)), P);
    assertThat(apply(plan).surplusOwners()).containsExactly(gone.uid());
    assertThat(apply(plan).onlyRemoves()).isFalse();
  }

  @Test
  void policiesThatWouldTakeOverAreOwnersToo() {
    var high = compiled("high", "priority: 1, " + BASELINE);
    var draft = compiled("draft", "priority: 2, " + BASELINE.replace("Enforce", "Audit"));
    var plan = plan(BARE, P, high, draft);
    assertThat(owners(apply(plan))).containsExactly("high", "p");
    assertThat(apply(plan).policy()).isEqualTo(high);
    assertThat(plan.findings()).containsOnlyKeys(draft, high);
  }

  @Test
  void aHandoverIsAnUpdate() {
    var high = compiled("high", "priority: 1, " + BASELINE.replace("512Mi", "1Gi"));
    var plan = plan(observed(Children.limitRange(P, P), Children.quota(P, P)), P, high);
    assertThat(steps(plan)).containsExactly("LimitRange changed", "ResourceQuota changed");
  }

  @Test
  void orphansHaveNoOwner() {
    var orphaning = compiled("p", "deletionPolicy: Orphan, " + BASELINE);
    assertThat(owners(apply(plan(BARE, orphaning)))).isEmpty();
    var plan = plan(observed(Children.limitRange(P, P), Children.quota(P, P)), orphaning);
    assertThat(steps(plan)).containsExactly("LimitRange changed", "ResourceQuota changed");
  }

  @Test
  void anAuditPolicyJudgesAsIfItGoverned() {
    var draft = compiled("draft", "priority: 1, " + BASELINE.replace("Enforce", "Audit"));
    var bare = plan(BARE, draft);
    assertThat(bare.steps()).isEmpty();
    assertThat(checks(bare, draft))
        .containsExactly(Check.LimitRangeMissing, Check.ResourceQuotaMissing);

    var governed = plan(observed(Children.limitRange(P, P), Children.quota(P, P)), P, draft);
    assertThat(governed.steps()).isEmpty();
    assertThat(checks(governed, P)).isEmpty();
    assertThat(checks(governed, draft))
        .as("labels and owners would change")
        .containsExactly(Check.LimitRangeDrifted, Check.ResourceQuotaDrifted);
  }

  @Test
  void anInvalidPolicyKeepsItsObjectsInPlace() {
    var invalid = compiled("p", BASELINE.replace("selector: {}", "selector: {}, exclude: [A]"));
    var other = compiled("other", BASELINE);
    var plan = plan(observed(Children.limitRange(P, P), Children.quota(P, P)), invalid, other);
    assertThat(plan.heldBy()).isEqualTo("p");
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.findings()).containsOnlyKeys(other);

    var elsewhere = plan(BARE, invalid, other);
    assertThat(elsewhere.heldBy()).isNull();
    assertThat(steps(elsewhere)).containsExactly("LimitRange put", "ResourceQuota put");
  }

  @Test
  void anInvalidPolicyDoesNotHoldAForeignObject() {
    var invalid = compiled("p", BASELINE.replace("selector: {}", "selector: {}, exclude: [A]"));
    var foreign = Children.foreign(Child.NAME, "1");
    foreign.getMetadata().setLabels(Map.of(Child.POLICY, "p"));
    assertThat(plan(observed(foreign, null), invalid).heldBy()).isNull();
  }

  @Test
  void withoutGoverningPolicyRemovesObjectsOfAnEnforcingPolicy() {
    var elsewhere = compiled("p", BASELINE.replace("selector: {}", "selector: {}, exclude: [a]"));
    var plan = plan(observed(Children.limitRange(P, P), Children.quota(P, P)), elsewhere);
    assertThat(steps(plan)).containsExactly("ResourceQuota deleted", "LimitRange deleted");
    assertThat(plan.findings()).isEmpty();
  }

  @Test
  void withoutGoverningPolicyKeepsObjectsOfAuditingAndDeletedPolicies() {
    var there = observed(Children.limitRange(P, P), Children.quota(P, P));
    assertThat(plan(there, compiled("p", BASELINE.replace("Enforce", "Audit"))).steps()).isEmpty();
    assertThat(plan(there).steps()).isEmpty();
    assertThat(plan(there, compiled("p", "mode: Audit")).steps()).isEmpty();
  }

  /// The garbage collector keeps an object while one of its owners exists.
  @Test
  void withoutGoverningPolicyRemovesWhatADeletedPolicyLeftToAnother() {
    var elsewhere =
        compiled("other", BASELINE.replace("selector: {}", "selector: {}, exclude: [a]"));
    var there = observed(Children.limitRange(P, P, elsewhere), Children.quota(P, P, elsewhere));
    assertThat(steps(plan(there, elsewhere)))
        .containsExactly("ResourceQuota deleted", "LimitRange deleted");
    var orphans = observed(Children.limitRange(P), Children.quota(P));
    assertThat(plan(orphans, elsewhere).steps()).isEmpty();
  }

  @Test
  void withoutGoverningPolicyKeepsAForeignObject() {
    var elsewhere = compiled("p", BASELINE.replace("selector: {}", "selector: {}, exclude: [a]"));
    assertThat(plan(observed(Children.foreign(Child.NAME, "1"), null), elsewhere).steps())
        .isEmpty();
  }
}
