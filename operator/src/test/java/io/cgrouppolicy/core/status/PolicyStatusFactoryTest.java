package io.cgrouppolicy.core.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Input;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Nodes;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PolicyStatusFactoryTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final NamespaceVerdict GOOD = new NamespaceVerdict("u", 1, null, List.of());
  private static final NamespaceVerdict BAD =
      new NamespaceVerdict(
          "u", 1, null, List.of(Finding.of(Check.LimitRangeConflict, "e", "a", "m")));

  private static CompiledPolicy policy(String spec) {
    return CompiledPolicy.of(
        Serialization.unmarshal(
            """
            apiVersion: cgroup-policy.io/v1alpha1
            kind: CgroupPolicy
            metadata: {name: p, uid: u, generation: 1}
            spec: %s
            """
                .formatted(spec),
            CgroupPolicy.class));
  }

  private static CgroupPolicyStatus status(
      String spec,
      CgroupPolicyStatus previous,
      Map<String, NamespaceVerdict> verdicts,
      List<String> selected) {
    return PolicyStatusFactory.create(
            input(policy(spec), previous, selected, verdicts::get, Map.of(), null, NOW))
        .status();
  }

  private static Input input(
      CompiledPolicy policy,
      CgroupPolicyStatus previous,
      List<String> selected,
      Function<String, NamespaceVerdict> verdicts,
      Map<String, Trouble> leaving,
      Trouble cluster,
      Instant now) {
    return new Input(
        policy,
        previous,
        new Namespaces(selected, verdicts, leaving),
        Nodes.NONE,
        Workloads.NONE,
        cluster,
        null,
        now);
  }

  private static String condition(CgroupPolicyStatus status, String type) {
    return status.conditions().stream()
        .filter(c -> c.getType().equals(type))
        .map(c -> c.getStatus() + " " + c.getReason())
        .findFirst()
        .orElse(null);
  }

  @Test
  void falseBeatsUnknownBeatsTrue() {
    var spec = "{mode: Enforce, namespaces: {selector: {}}}";
    var good = status(spec, null, Map.of("a", GOOD), List.of("a"));
    assertThat(condition(good, "Compliant")).isEqualTo("True Compliant");
    assertThat(condition(good, "Ready")).isEqualTo("True Enforced");
    assertThat(condition(good, "NodesCompliant")).isEqualTo("True NotRequested");
    var observing = status(spec, null, Map.of("a", GOOD), List.of("a", "b"));
    assertThat(condition(observing, "Compliant")).isEqualTo("Unknown Observing");
    assertThat(condition(observing, "Reconciling")).isEqualTo("True Observing");
    var bad = status(spec, null, Map.of("a", BAD), List.of("a", "b"));
    assertThat(condition(bad, "Compliant")).isEqualTo("False ViolationsFound");
  }

  @Test
  void aVerdictOfAnotherGenerationDoesNotCount() {
    var old = new NamespaceVerdict("u", 0, null, List.of());
    var status = status("{namespaces: {selector: {}}}", null, Map.of("a", old), List.of("a"));
    assertThat(status.namespaces().pending()).isEqualTo(1);
  }

  @Test
  void onlyNamespacesThatWhenSafeHoldsBackLackLimitsByIntention() {
    var missing = List.of(Finding.of(Check.LimitRangeMissing, "e", "a", "m"));
    var verdicts =
        Map.of(
            "good",
            GOOD,
            "conflict",
            BAD,
            "lacking",
            new NamespaceVerdict("u", 1, null, missing),
            "waiting",
            NamespaceVerdict.waiting("u", 1, missing),
            "troubled",
            new NamespaceVerdict("u", 1, new Trouble("Forbidden", "m"), List.of()));
    var selected = List.of("conflict", "good", "lacking", "troubled", "unseen", "waiting");
    var spec = "{mode: Enforce, namespaces: {selector: {}}}";
    assertThat(unprotected(spec, verdicts, selected)).isEqualTo(3);
    var excepted =
        "{mode: Enforce, namespaces: {selector: {}}, exceptions: [{check: LimitRangeMissing,"
            + " namespaces: [lacking], reason: r, expires: '2027-01-01T00:00:00Z'}]}";
    assertThat(unprotected(excepted, verdicts, selected)).isEqualTo(2);
    assertThat(unprotected("{nodes: {selector: {}}}", verdicts, selected)).isNull();
  }

  private static Integer unprotected(
      String spec, Map<String, NamespaceVerdict> verdicts, List<String> selected) {
    return PolicyStatusFactory.create(
            input(policy(spec), null, selected, verdicts::get, Map.of(), null, NOW))
        .unprotected();
  }

  @Test
  void countsAllAndListsAHundred() {
    var names = IntStream.range(0, 5000).mapToObj(i -> "n%04d".formatted(i)).toList();
    var status =
        PolicyStatusFactory.create(
                input(
                    policy("{namespaces: {selector: {}}}"),
                    null,
                    names,
                    n -> BAD,
                    Map.of(),
                    null,
                    NOW))
            .status();
    assertThat(status.violationCount()).isEqualTo(5000);
    assertThat(status.violations()).hasSize(100);
    assertThat(status.violations().getFirst().name()).isEqualTo("n0000");
    assertThat(Serialization.asJson(status)).hasSizeLessThan(64 * 1024);
  }

  @Test
  void anExceptionEnds() {
    var spec =
        """
        {namespaces: {selector: {}}, exceptions: [{check: LimitRangeConflict, namespaces: [a],
          reason: r, expires: "%s"}]}""";
    var active =
        PolicyStatusFactory.create(
            input(
                policy(spec.formatted("2026-01-01T00:00:01Z")),
                null,
                List.of("a"),
                n -> BAD,
                Map.of(),
                null,
                NOW));
    assertThat(active.status().violationCount()).isZero();
    assertThat(active.nextExpiry()).isEqualTo(NOW.plusSeconds(1));
    var ended = status(spec.formatted(NOW), null, Map.of("a", BAD), List.of("a"));
    assertThat(ended.violationCount()).isEqualTo(1);
  }

  @Test
  void troubleIsNamedAndTransitionTimesStay() {
    var spec = "{mode: Enforce, namespaces: {selector: {}}}";
    var before = status(spec, null, Map.of("a", GOOD), List.of("a"));
    var later =
        PolicyStatusFactory.create(
                input(
                    policy(spec),
                    before,
                    List.of("a"),
                    n -> GOOD,
                    Map.of(),
                    null,
                    NOW.plusSeconds(60)))
            .status();
    assertThat(later).isEqualTo(before);
    var troubled =
        new NamespaceVerdict(
            "u", 1, new Trouble("Forbidden", "cannot patch limitranges"), List.of());
    var status = status(spec, before, Map.of("a", troubled), List.of("a"));
    assertThat(condition(status, "Ready")).isEqualTo("False Forbidden");
    assertThat(condition(status, "Compliant")).startsWith("Unknown");
  }

  @Test
  void anObjectThatCouldNotBeRemovedIsReportedWithoutCounting() {
    var trouble = new Trouble("Forbidden", "cannot delete resourcequotas");
    var status =
        PolicyStatusFactory.create(
                input(
                    policy("{mode: Enforce, namespaces: {selector: {}}}"),
                    null,
                    List.of("a"),
                    n -> GOOD,
                    Map.of("left", trouble, "left-too", trouble),
                    null,
                    NOW))
            .status();
    assertThat(condition(status, "Ready")).isEqualTo("False Forbidden");
    assertThat(status.conditions().getFirst().getMessage())
        .as("the first of them, whatever the order")
        .isEqualTo("namespace left: cannot delete resourcequotas");
    assertThat(condition(status, "Compliant")).isEqualTo("True Compliant");
    assertThat(status.namespaces().summary()).isEqualTo("1/1");
  }

  @Test
  void aNamespaceThatCameBackIsPendingUntilItIsJudgedAgain() {
    var leaving =
        NamespaceVerdict.leaving("u", 1, new Trouble("Forbidden", "cannot delete limitranges"));
    var status = status("{namespaces: {selector: {}}}", null, Map.of("a", leaving), List.of("a"));
    assertThat(status.namespaces().pending()).isEqualTo(1);
    assertThat(condition(status, "Ready")).isEqualTo("Unknown Observing");
  }

  @Test
  void withoutAViewOfTheClusterNothingIsCalledCompliant() {
    var status =
        PolicyStatusFactory.create(
                input(
                    policy("{mode: Enforce, namespaces: {selector: {}}}"),
                    null,
                    List.of("a"),
                    n -> GOOD,
                    Map.of(),
                    new Trouble("Forbidden", "cannot watch limitranges"),
                    NOW))
            .status();
    assertThat(condition(status, "Ready")).isEqualTo("False Forbidden");
    assertThat(condition(status, "NamespacesCompliant")).isEqualTo("Unknown Forbidden");
    assertThat(condition(status, "Compliant")).startsWith("Unknown");
  }

  @Test
  void anInvalidPolicyNamesAllFieldsAndIsStalled() {
    var status =
        status("{namespaces: {selector: {}, exclude: [A, B]}}", null, Map.of("a", GOOD), List.of());
    assertThat(condition(status, "Ready")).isEqualTo("False InvalidSpec");
    assertThat(condition(status, "Stalled")).isEqualTo("True InvalidSpec");
    assertThat(condition(status, "Compliant")).isEqualTo("Unknown InvalidSpec");
    assertThat(status.conditions().getFirst().getMessage())
        .contains("spec.namespaces.exclude[0]")
        .contains("spec.namespaces.exclude[1]");
    assertThat(status.namespaces()).isNull();
  }
}
