package io.cgrouppolicy.delivery.argocd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.delivery.argocd.HealthCheck.Health;
import io.cgrouppolicy.testing.Fixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// Real policies in all states, recorded by [ArgoStatesIT] and [ArgoNodeStatesIT], and the expected
/// health of each, written by hand.
///
/// Values that differ each time (UID, times, the ID of the test) are replaced by fixed ones.
final class RecordedStates {
  static final ObjectMapper JSON = new ObjectMapper();

  private RecordedStates() {}

  /// The health that each recording must have, by its path below [ArgoForms#DIRECTORY].
  static Map<String, Health> expected() {
    var expected = new TreeMap<String, Health>();
    for (var test : read(ArgoForms.DIRECTORY.resolve("health_test.yaml")).path("tests")) {
      var health = test.path("healthStatus");
      expected.put(
          test.path("inputPath").asText(),
          new Health(health.path("status").asText(), health.path("message").asText()));
    }
    return expected;
  }

  static Path path(String state) {
    return ArgoForms.DIRECTORY.resolve("testdata/" + state + ".yaml");
  }

  static JsonNode read(Path path) {
    try {
      return Yaml.read(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void write(String state, JsonNode policy) {
    try {
      Files.createDirectories(path(state).getParent());
      Files.writeString(path(state), Yaml.write(policy));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A policy of a test, from the API server and from a recording.
  static JsonNode live(Fixture fixture, String suffix) {
    try {
      var name = fixture.id + "-" + suffix;
      var text =
          fixture
              .client
              .raw("/apis/cgroup-policy.io/v1alpha1/cgrouppolicies/" + name)
              .replace(fixture.id, "team")
              .replaceAll(
                  "20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z", "2026-01-01T00:00:00Z")
              .replaceAll("127\\.\\d+\\.\\d+\\.\\d+:\\d+", "192.0.2.1:10250");
      var policy = (ObjectNode) JSON.readTree(text);
      var metadata = (ObjectNode) policy.get("metadata");
      metadata.remove("managedFields");
      metadata.put("uid", "00000000-0000-4000-8000-000000000001");
      metadata.put("resourceVersion", "1");
      return policy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
