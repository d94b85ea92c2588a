package io.cgrouppolicy.shell.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.testing.Policies;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SelectionsTest {
  private PolicyBook book;
  private final Selections<Namespace> selections =
      new Selections<>(
          namespace ->
              book.select(namespace.getMetadata().getName(), namespace.getMetadata().getLabels()));
  private final CompiledPolicy all = Policies.compiled("all", Policies.BASELINE);
  private final CompiledPolicy team =
      Policies.compiled(
          "team",
          "priority: 1, mode: Enforce, namespaces: {selector: {matchLabels: {team: x}}, "
              + Policies.LIMIT_RANGE
              + "}");

  private static Namespace namespace(String name, String team) {
    return new NamespaceBuilder()
        .withNewMetadata()
        .withName(name)
        .withLabels(team == null ? Map.of() : Map.of("team", team))
        .endMetadata()
        .build();
  }

  @Test
  void followsTheLabelsOfANamespace() {
    book = Policies.book(all, team);
    assertThat(selections.put(namespace("a", null))).isTrue();
    assertThat(selections.of("a").governing()).contains(all);
    assertThat(selections.put(namespace("a", null))).as("nothing changed").isFalse();
    assertThat(selections.put(namespace("a", "x"))).isTrue();
    assertThat(selections.of("a").governing()).contains(team);
    assertThat(selections.judgedBy("all")).isEmpty();
    assertThat(selections.judgedBy("team")).containsExactly("a");
  }

  @Test
  void returnsTheNamespacesThatAPolicyChangeAffects() {
    var namespaces = List.of(namespace("a", null), namespace("b", "x"));
    assertThat(putAll(namespaces, Policies.book(all))).containsExactlyInAnyOrder("a", "b");
    assertThat(putAll(namespaces, Policies.book(all, team))).containsExactly("b");
    assertThat(selections.judgedBy("all")).containsExactly("a");
    assertThat(putAll(namespaces, Policies.book(all))).containsExactly("b");
    assertThat(selections.judgedBy("team")).isEmpty();
  }

  @Test
  void aNewGenerationAffectsAllNamespacesThatItSelects() {
    var namespaces = List.of(namespace("a", null), namespace("b", "x"));
    putAll(namespaces, Policies.book(all, team));
    var next = Policies.compiled("team", "priority: 1, mode: Enforce, " + Policies.ALL);
    assertThat(putAll(namespaces, Policies.book(all, next))).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void dropsADeletedOrTerminatingNamespace() {
    book = Policies.book(all);
    selections.put(namespace("a", null));
    selections.remove("a");
    assertThat(selections.judgedBy("all")).isEmpty();
    var terminating = namespace("a", null);
    terminating.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
    assertThat(putAll(List.of(terminating), book)).isEmpty();
  }

  private List<String> putAll(List<Namespace> namespaces, PolicyBook changed) {
    book = changed;
    return selections.putAll(() -> namespaces);
  }
}
