package io.cgrouppolicy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.AdmissionAnswer;
import io.cgrouppolicy.testing.AdmissionPlaces;
import io.cgrouppolicy.testing.AdmissionPlaces.Place;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.PodShapes;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// `kubectl cgp lint` rejects what a dry run of the API server rejects, for random pods beside
/// random LimitRanges and quotas: those of the operator's AdmissionSimulationIT.
class LintSimulationIT {
  private static final long SEED = 20261130;
  private static final int NAMESPACES = 24;
  private static final int PROBES = 40;

  @RegisterExtension final Fixture fixture = new Fixture();
  @TempDir Path directory;
  private final AdmissionPlaces cluster = new AdmissionPlaces(fixture, SEED);
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final List<String> disagreements = new ArrayList<>();

  @Test
  void saysWhatADryRunSays() throws IOException {
    SharedOperator.get();
    var free = fixture.namespace("free");
    fixture.awaitPodsAllowed(free);
    for (var place : cluster.create(NAMESPACES)) {
      // A quota counts running pods as they are; lint, as they would be with the defaults.
      if (place.running().isEmpty() && place.limitRanges().size() < 2) {
        var policy = policy(place);
        for (int i = 0; i < PROBES; i++) {
          probe(place, policy, free);
        }
      }
    }
    System.out.println("lint beside dry runs: " + outcomes);
    assertThat(disagreements).isEmpty();
    assertThat(outcomes)
        .containsOnlyKeys("admitted", "invalid anyway", "rejected")
        .allSatisfy((outcome, count) -> assertThat(count).as(outcome).isGreaterThan(10));
  }

  private void probe(Place place, String policy, String free) throws IOException {
    var pod = cluster.randomPod();
    pod.getMetadata().setName("probe");
    pod.getSpec().setOverhead(cluster.overhead(pod));
    var found = wouldReject(pod, place, policy);
    pod.getSpec().setOverhead(null); // the API server fills it in
    if (AdmissionAnswer.ask(fixture.client, free, pod).refused()) {
      outcomes.merge("invalid anyway", 1, Integer::sum);
      return;
    }
    var answer = AdmissionAnswer.ask(fixture.client, place.namespace(), pod);
    outcomes.merge(answer.refused() ? "rejected" : "admitted", 1, Integer::sum);
    if (found.isEmpty() == answer.refused()) {
      disagreements.add(
          "%s: lint says %s, the API server %s"
              .formatted(PodShapes.of(pod).containers(), found, answer.words()));
    }
  }

  private List<String> wouldReject(Pod pod, Place place, String policy) throws IOException {
    var manifest = directory.resolve("pod.yaml");
    Files.writeString(manifest, Serialization.asYaml(pod));
    var lint =
        Cli.run(
            "lint", manifest.toString(), "--policy", policy, "-n", place.namespace(), "-o", "json");
    assertThat(lint.err()).isEmpty();
    var messages = new ArrayList<String>();
    lint.json()
        .path("policies")
        .path(0)
        .path("status")
        .path("violations")
        .forEach(
            violation -> {
              if (violation.path("check").asText().equals("WouldReject")) {
                messages.add(violation.path("message").asText());
              }
            });
    return messages;
  }

  private String policy(Place place) throws IOException {
    var quotas = new ArrayList<Map<String, Object>>();
    place
        .quotaSpecs()
        .forEach(
            (name, spec) -> {
              var quota = new TreeMap<String, Object>(Map.of("name", name, "hard", spec.getHard()));
              if (spec.getScopes() != null && !spec.getScopes().isEmpty()) {
                quota.put("scopes", spec.getScopes());
              }
              if (spec.getScopeSelector() != null) {
                quota.put("scopeSelector", spec.getScopeSelector());
              }
              quotas.add(quota);
            });
    var namespaces = new TreeMap<String, Object>();
    namespaces.put("selector", Map.of());
    if (!place.limitRanges().isEmpty()) {
      namespaces.put("limitRange", place.limitRanges().getFirst());
    }
    if (!quotas.isEmpty()) {
      namespaces.put("resourceQuotas", quotas);
    }
    var file = directory.resolve("policy-" + place.namespace() + ".yaml");
    Files.writeString(
        file,
        Serialization.asYaml(
            Map.of(
                "apiVersion",
                "cgroup-policy.io/v1alpha1",
                "kind",
                "CgroupPolicy",
                "metadata",
                Map.of("name", "place"),
                "spec",
                Map.of("namespaces", namespaces))));
    return file.toString();
  }

  @AfterEach
  void removeClasses() {
    cluster.removeClasses();
  }
}
