package io.cgrouppolicy.core.namespace;

import static io.cgrouppolicy.testing.Policies.BASELINE;
import static io.cgrouppolicy.testing.Policies.LIMIT_RANGE;
import static io.cgrouppolicy.testing.Policies.QUOTA;
import static io.cgrouppolicy.testing.Policies.book;
import static io.cgrouppolicy.testing.Policies.compiled;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.limits.Difference;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Children;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The plan for one policy: what it needs, and what it leaves alone.
class NamespacePlannerTest {
  static final Observed BARE = Children.observed(null, null, List.of(), false);
  static final CompiledPolicy P = compiled("p", BASELINE);

  static Plan plan(Observed observed, CompiledPolicy... policies) {
    var book = book(policies);
    return NamespacePlanner.plan(book, book.select(Children.NAMESPACE, Map.of()), observed);
  }

  private static LimitRange foreign(String name) {
    return Children.foreign(name, "1");
  }

  private static LimitRange contradicting(String name) {
    var limitRange = foreign(name);
    limitRange.setSpec(compiled("other", BASELINE.replace("512Mi", "1Gi")).limitRange());
    return limitRange;
  }

  static Observed observed(LimitRange limitRange, ResourceQuota quota) {
    return Children.observed(limitRange, quota, List.of(), false);
  }

  /// A short form of each step, for example `LimitRange put` or `ResourceQuota deleted`.
  static List<String> steps(Plan plan) {
    return plan.steps().stream()
        .map(
            step ->
                switch (step) {
                  case Step.Delete delete -> delete.child() + " deleted";
                  case Step.Apply apply when apply.recreate() -> apply.child() + " recreated";
                  case Step.Apply apply when apply.found() == null -> apply.child() + " put";
                  case Step.Apply apply -> apply.child() + " changed";
                })
        .toList();
  }

  static Step.Apply apply(Plan plan) {
    return (Step.Apply) plan.steps().getFirst();
  }

  static List<Check> checks(Plan plan, CompiledPolicy policy) {
    return plan.findings().get(policy).stream().map(Finding::check).toList();
  }

  static List<String> owners(Step.Apply step) {
    return step.owners().stream().map(OwnerReference::getName).toList();
  }

  @Test
  void aBareNamespaceGetsTheLimitRangeFirst() {
    var plan = plan(BARE, P);
    assertThat(steps(plan)).containsExactly("LimitRange put", "ResourceQuota put");
    assertThat(checks(plan, P))
        .containsExactly(Check.LimitRangeMissing, Check.ResourceQuotaMissing);
    assertThat(owners(apply(plan))).containsExactly("p");
  }

  @Test
  void leavesMatchingObjectsAlone() {
    var plan = plan(observed(Children.limitRange(P, P), Children.quota(P, P)), P);
    assertThat(plan.steps()).isEmpty();
    assertThat(checks(plan, P)).isEmpty();
  }

  /// Of objects from before there were annotations, and after a change of the policy.
  @Test
  void annotationsAreBroughtUpToDateWithoutAFinding() {
    var asked = compiled("p", BASELINE + ", contact: team, documentation: 'https://example.com'");
    var old = Children.limitRange(asked, asked);
    old.getMetadata().setAnnotations(null);
    var plan = plan(observed(old, Children.quota(P, asked)), asked);
    assertThat(steps(plan)).containsExactly("LimitRange changed", "ResourceQuota changed");
    assertThat(checks(plan, asked)).isEmpty();
    assertThat(apply(plan).differences())
        .extracting(Difference::field)
        .containsExactly(
            "metadata.annotations[cgroup-policy.io/contact]",
            "metadata.annotations[cgroup-policy.io/description]",
            "metadata.annotations[cgroup-policy.io/documentation]",
            "metadata.annotations[cgroup-policy.io/list-rejections]");
    assertThat(apply(plan).surplusAnnotations()).isEmpty();

    old.getMetadata().setAnnotations(new HashMap<>(asked.annotations()));
    old.getMetadata().getAnnotations().put("example.com/theirs", "stays");
    assertThat(plan(observed(old, Children.quota(asked, asked)), asked).steps()).isEmpty();
    var dropped = plan(observed(old, Children.quota(P, P)), P);
    assertThat(apply(dropped).surplusAnnotations())
        .containsExactly("cgroup-policy.io/contact", "cgroup-policy.io/documentation");
  }

  @Test
  void changesDriftBackAndReportsIt() {
    var limitRange = Children.limitRange(P, P);
    limitRange.setSpec(compiled("q", BASELINE.replace("512Mi", "1Gi")).limitRange());
    limitRange.getMetadata().setLabels(Map.of(Child.MANAGED_BY, Child.MANAGER));
    var plan = plan(observed(limitRange, Children.quota(P, P)), P);
    assertThat(steps(plan)).containsExactly("LimitRange changed");
    assertThat(apply(plan).differences())
        .extracting(Difference::toString)
        .containsExactly(
            "limits[Container].default.memory is 1Gi, not 512Mi",
            "metadata.labels[cgroup-policy.io/policy] is unset, not p");
    var finding = plan.findings().get(P).getFirst();
    assertThat(finding.check()).isEqualTo(Check.LimitRangeDrifted);
    assertThat(finding.expected()).isEqualTo("limits[Container].default.memory: 512Mi");
    assertThat(finding.actual()).isEqualTo("1Gi");
    assertThat(finding.message()).endsWith("is 1Gi, not 512Mi and 1 more");
  }

  @Test
  void reportsAnotherLimitRangeAndKeepsOurs() {
    var plan =
        plan(
            Children.observed(
                Children.limitRange(P, P),
                Children.quota(P, P),
                List.of(contradicting("b"), contradicting("c")),
                false),
            P);
    assertThat(plan.steps()).isEmpty();
    assertThat(plan.findings().get(P))
        .extracting(Finding::actual)
        .as("each of them")
        .containsExactly("b", "c");
    assertThat(checks(plan, P)).containsOnly(Check.LimitRangeConflict);
  }

  /// A policy that was stored before the schema required the default.
  @Test
  void reportsDevicesThatEveryContainerWouldBeGiven() {
    var gpus =
        compiled(
            "p",
            "mode: Enforce, namespaces: {selector: {}, limitRange: {limits: [{type: Container, max:"
                + " {nvidia.com/gpu: 2}}]}}");
    var plan = plan(BARE, gpus);
    assertThat(steps(plan)).as("it stays in force").containsExactly("LimitRange put");
    assertThat(checks(plan, gpus))
        .containsExactly(Check.LimitRangeWithoutDefaults, Check.LimitRangeMissing);
    assertThat(plan.findings().get(gpus).getFirst().message())
        .isEqualTo(
            "LimitRange cgroup-policy: max nvidia.com/gpu 2 without a default gives 2 to every"
                + " container that sets none; set default: {nvidia.com/gpu: 0}");
  }

  @Test
  void aForeignLimitRangeOfOurNameBlocksTheQuotaToo() {
    var plan = plan(observed(Children.foreign(Child.NAME, "1"), null), P);
    assertThat(plan.steps()).as("no quota without its defaults").isEmpty();
    assertThat(checks(plan, P))
        .containsExactly(Check.LimitRangeConflict, Check.ResourceQuotaMissing);
  }

  @Test
  void aForeignQuotaOfOurNameIsLeftAlone() {
    var quota = Children.quota(P);
    quota.getMetadata().setLabels(null);
    var plan = plan(observed(Children.limitRange(P, P), quota), P);
    assertThat(plan.steps()).isEmpty();
    assertThat(checks(plan, P)).containsExactly(Check.ResourceQuotaConflict);
  }

  @Test
  void aPolicyWithoutALimitRangeIgnoresOthers() {
    var quotaOnly = compiled("p", "mode: Enforce, namespaces: {selector: {}, " + QUOTA + "}");
    var plan = plan(Children.observed(null, null, List.of(foreign("theirs")), false), quotaOnly);
    assertThat(steps(plan)).containsExactly("ResourceQuota put");
    assertThat(checks(plan, quotaOnly))
        .containsExactly(Check.ResourceQuotaMissing, Check.ResourceQuotaWithoutDefaults);
  }

  @Test
  void removesWhatThePolicyNoLongerHasUnlessForeign() {
    var neither = compiled("p", "mode: Enforce, namespaces: {selector: {}}");
    assertThat(steps(plan(observed(Children.limitRange(P, P), Children.quota(P, P)), neither)))
        .as("the quota before its defaults")
        .containsExactly("ResourceQuota deleted", "LimitRange deleted");
    assertThat(plan(observed(Children.foreign(Child.NAME, "1"), null), neither).steps()).isEmpty();
    var limitsOnly =
        compiled("p", "mode: Enforce, namespaces: {selector: {}, " + LIMIT_RANGE + "}");
    assertThat(steps(plan(observed(null, Children.quota(P, P)), limitsOnly)))
        .containsExactly("LimitRange put", "ResourceQuota deleted");
  }

  @Test
  void recreatesAQuotaWithOtherScopes() {
    var quota =
        new ResourceQuotaBuilder(Children.quota(P, P))
            .editSpec()
            .withScopes("BestEffort")
            .endSpec()
            .build();
    assertThat(steps(plan(observed(Children.limitRange(P, P), quota), P)))
        .containsExactly("ResourceQuota recreated");
  }

  @Test
  void removesSurplusKeysOfAQuotaByName() {
    var quota =
        new ResourceQuotaBuilder(Children.quota(P, P))
            .editSpec()
            .addToHard("secrets", new Quantity("3"))
            .addToHard("configmaps", new Quantity("3"))
            .endSpec()
            .build();
    var plan = plan(observed(Children.limitRange(P, P), quota), P);
    assertThat(steps(plan)).containsExactly("ResourceQuota changed");
    assertThat(apply(plan).surplus()).containsExactly("configmaps", "secrets");
  }
}
