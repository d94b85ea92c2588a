package io.cgrouppolicy.delivery.argocd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cgrouppolicy.testing.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The status that Flux computes for policies without any configuration, with the library that it
/// uses (kstatus), for the recordings of all states.
class FluxGate {
  @Test
  void eachStateByKstatus() throws JsonProcessingException {
    var arguments = new ArrayList<>(List.of("kstatus"));
    for (var path : RecordedStates.expected().keySet()) {
      arguments.add(ArgoForms.DIRECTORY.resolve(path).toString());
    }
    var states = new TreeMap<String, List<String>>();
    var answers = Tool.named("argocd-health").succeed(arguments.toArray(String[]::new));
    for (var line : answers.lines().toList()) {
      var answer = RecordedStates.JSON.readTree(line);
      var state = answer.path("file").asText().replaceFirst(".*/(.*)\\.yaml", "$1");
      states.computeIfAbsent(answer.path("status").asText(), s -> new ArrayList<>()).add(state);
    }
    assertThat(states.remove("Failed")).containsExactly("invalid");
    assertThat(states.remove("Terminating")).containsExactly("deleting");
    assertThat(states.remove("InProgress"))
        .containsExactlyInAnyOrder(
            "new",
            "outdated",
            "observing",
            "forbidden",
            "held",
            "rejected",
            "remedy-conflict",
            "write-failed");
    // Violations are not a failure of the applied objects.
    assertThat(states.remove("Current"))
        .containsExactlyInAnyOrder(
            "audited",
            "audited-violations",
            "enforced",
            "enforced-violations",
            "nodes-compliant",
            "nodes-drifted",
            "nodes-unknown",
            "nothing-selected",
            "unsafe",
            "waiting");
    assertThat(states).isEmpty();
  }
}
