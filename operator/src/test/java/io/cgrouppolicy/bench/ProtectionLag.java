package io.cgrouppolicy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.testing.LocalCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// How long new namespaces are without protection: from the API server's answer to their creation
/// to its answer to the creation of their ResourceQuota, the last object. By the clock of its audit
/// log, as a watch of our own would compete with the operator for the CPU.
final class ProtectionLag {
  static final int NAMESPACES = 100;

  private final KubernetesClient admin;
  private final RawClient client;

  /// @param client creates the namespaces
  ProtectionLag(KubernetesClient admin, RawClient client) {
    this.admin = admin;
    this.client = client;
  }

  /// The milliseconds of each namespace, in ascending order. Deletes the namespaces in the end.
  ///
  /// @param backToBack whether each is created at the answer to the one before, rather than when
  ///     that is protected
  List<Double> measure(String prefix, boolean backToBack) throws InterruptedException {
    var names = IntStream.range(0, NAMESPACES).mapToObj(i -> prefix + "-" + i).toList();
    for (var name : names) {
      client.run(1, i -> Requests.namespace(name, true));
      if (!backToBack) {
        awaitProtected(name);
      }
    }
    names.forEach(this::awaitProtected);
    var created = answers(prefix, "namespaces", "name");
    var quotas = answers(prefix, "resourcequotas", "namespace");
    names.forEach(name -> admin.namespaces().withName(name).delete());
    return names.stream()
        .map(name -> Duration.between(created.get(name), quotas.get(name)).toNanos() / 1e6)
        .sorted()
        .toList();
  }

  private void awaitProtected(String namespace) {
    Bench.closely(() -> !admin.resourceQuotas().inNamespace(namespace).list().getItems().isEmpty());
  }

  /// When the API server answered each creation, by namespace.
  private static Map<String, Instant> answers(String prefix, String resource, String nameField) {
    var answers = new HashMap<String, Instant>();
    for (JsonNode event : LocalCluster.get().auditedWrites("\"" + prefix + "-")) {
      var object = event.path("objectRef");
      if (event.path("verb").asText().equals("create")
          && object.path("resource").asText().equals(resource)
          && object.path("subresource").isMissingNode()) {
        answers.putIfAbsent(
            object.path(nameField).asText(), Instant.parse(event.path("stageTimestamp").asText()));
      }
    }
    return answers;
  }
}
