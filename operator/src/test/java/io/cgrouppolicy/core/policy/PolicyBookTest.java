package io.cgrouppolicy.core.policy;

import static io.cgrouppolicy.testing.Policies.ALL;
import static io.cgrouppolicy.testing.Policies.book;
import static io.cgrouppolicy.testing.Policies.compiled;
import static io.cgrouppolicy.testing.Policies.created;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PolicyBookTest {
  private static final String ENFORCE = "mode: Enforce, " + ALL;

  private static List<String> names(List<CompiledPolicy> policies) {
    return policies.stream().map(CompiledPolicy::name).toList();
  }

  @Test
  void higherPriorityWinsThenOlderThenName() {
    var book =
        book(
            created("young", "2026-03-01T00:00:00Z", ENFORCE),
            created("b", "2026-02-01T00:00:00Z", ENFORCE),
            created("a", "2026-02-01T00:00:00Z", ENFORCE),
            created("low", "2025-01-01T00:00:00Z", "priority: -1, " + ENFORCE),
            created("high", "2026-09-01T00:00:00Z", "priority: 1, " + ENFORCE));
    var selection = book.select("n", Map.of());
    assertThat(names(selection.enforcing())).containsExactly("high", "a", "b", "young", "low");
    assertThat(selection.governing()).get().extracting(CompiledPolicy::name).isEqualTo("high");
    assertThat(names(selection.judging())).as("others lost it").containsExactly("high");
  }

  @Test
  void anAuditPolicyNeverDisarmsOneThatEnforces() {
    var book =
        book(
            compiled("draft", "priority: 10, " + ALL),
            compiled("enforced", ENFORCE),
            compiled("beaten", "priority: -1, " + ALL));
    var selection = book.select("n", Map.of());
    assertThat(names(selection.enforcing())).containsExactly("enforced");
    assertThat(names(selection.auditing()))
        .as("only those that would govern it if they enforced")
        .containsExactly("draft");
    assertThat(names(selection.judging())).containsExactly("draft", "enforced");
  }

  @Test
  void whereNothingEnforcesAllAuditPoliciesJudge() {
    var selection = book(compiled("b", ALL), compiled("a", ALL)).select("n", null);
    assertThat(selection.governing()).isEmpty();
    assertThat(names(selection.judging())).containsExactly("a", "b");
  }

  @Test
  void knowsTheSystemsNamespaces() {
    var all = compiled("all", ENFORCE);
    var asked = compiled("asked", "namespaces: {selector: {}, includeSystem: true}");
    var book = book(all, asked);
    assertThat(book.selects(all, "kube-system", Map.of())).isFalse();
    assertThat(book.selects(all, "openshift-monitoring", Map.of())).isFalse();
    assertThat(book.selects(all, "kube-systematic", Map.of())).isTrue();
    assertThat(names(book.select("kube-system", Map.of()).judging())).containsExactly("asked");
  }

  @Test
  void aChangeMakesANewBook() {
    var before = book(compiled("p", ENFORCE));
    var after = before.with(compiled("p", ALL)).with(compiled("q", ENFORCE));
    assertThat(before.find("p")).get().matches(CompiledPolicy::enforces);
    assertThat(before.find("q")).isEmpty();
    assertThat(after.find("p")).get().matches(p -> !p.enforces());
    assertThat(names(after.policies())).containsExactly("p", "q");
    assertThat(after.without("p").find("p")).isEmpty();
    assertThat(after.find(null)).isEmpty();
  }

  @Test
  void anInvalidPolicyTakesNoPart() {
    var book = book(compiled("bad", "mode: Enforce, namespaces: {selector: {}, exclude: [A_b]}"));
    assertThat(book.select("n", Map.of()).judging()).isEmpty();
    assertThat(book.find("bad")).isPresent();
  }

  private static CompiledPolicy nodes(String name, String head, String selector) {
    return compiled(name, head + "nodes: {selector: {" + selector + "}}");
  }

  @Test
  void nodesAreSelectedByLabelPriorityAndMode() {
    var book =
        book(
            nodes("all", "mode: Enforce, ", ""),
            nodes("gpu", "mode: Enforce, priority: 2, ", "matchLabels: {pool: gpu}"),
            nodes("draft", "priority: 3, ", "matchExpressions: [{key: pool, operator: Exists}]"),
            nodes("beaten", "priority: 1, ", "matchLabels: {pool: gpu}"),
            compiled("namespaces", "priority: 9, " + ENFORCE));
    var gpu = book.selectNode(Map.of("pool", "gpu"));
    assertThat(names(gpu.enforcing())).containsExactly("gpu", "all");
    assertThat(names(gpu.judging())).containsExactly("draft", "gpu");
    assertThat(names(book.selectNode(Map.of("pool", "web")).judging()))
        .containsExactly("all", "draft");
    assertThat(names(book.selectNode(null).judging())).containsExactly("all");
  }

  @Test
  void anInvalidPolicyTakesNoNode() {
    var bad = compiled("bad", "nodes: {selector: {}, kubelet: {systemReserved: {memory: -1}}}");
    assertThat(bad.valid()).isFalse();
    assertThat(book(bad).selectNode(Map.of()).judging()).isEmpty();
  }
}
