package io.cgrouppolicy.core.kubelet.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.kubelet.KubeletCheck;
import io.cgrouppolicy.core.kubelet.lint.Lint.Consequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The linter rejects exactly what a kubelet v1.36 refuses when it loads, defaults and validates a
/// configuration, for all configurations of [KubeletCorpus].
class KubeletOracleGate {
  @Test
  void theLinterAgreesWithTheKubelet() throws Exception {
    var corpus = KubeletCorpus.all();
    var verdicts = new KubeletCheck().check(corpus);
    var disagreements = new ArrayList<String>();
    int refused = 0;
    for (int i = 0; i < corpus.size(); i++) {
      var verdict = verdicts.get(i);
      refused += verdict.has("refused") ? 1 : 0;
      disagreement(corpus.get(i), verdict).ifPresent(disagreements::add);
    }
    assertThat(disagreements).as("of %s configurations", corpus.size()).isEmpty();
    assertThat(corpus).hasSizeGreaterThan(5_000);
    assertThat(refused).as("both kinds").isBetween(corpus.size() / 4, corpus.size() * 3 / 4);
  }

  private static Optional<String> disagreement(ObjectNode configuration, JsonNode verdict) {
    var config = configuration.deepCopy();
    config.remove(List.of("apiVersion", "kind"));
    var spec = new KubeletSpec(null, null, null, null, null, null, null, null, null, config, null);
    var lints = KubeletLinter.lints(spec, Optional.empty());
    boolean rejects = lints.stream().anyMatch(l -> l.consequence() == Consequence.REJECTED);
    boolean unknown =
        lints.stream().anyMatch(lint -> lint.problem().message().contains("is not a field"));
    boolean agrees =
        verdict.has("refused")
            ? rejects
            : !rejects && unknown == verdict.path("strict").asText().contains("unknown field");
    return agrees
        ? Optional.empty()
        : Optional.of(
            "%s%n  kubelet: %s %s%n  linter: %s"
                .formatted(config, verdict.path("refused"), verdict.path("strict"), lints));
  }
}
