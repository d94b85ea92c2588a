package io.cgrouppolicy.testing.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/// A /stats/summary answer: the recording of a quiet node, with changes.
public final class Summary {
  private static final List<String> RESOURCES = List.of("cpu", "memory", "io");

  private final ObjectNode json = Recordings.json("stats-summary.json");

  /// The recorded node: CPU some 21 %, nothing else; pods bounded/forkbomb and bounded/plain. It
  /// does not report how much memory is available.
  public static Summary quiet() {
    var summary = new Summary();
    summary.json.findParents("availableBytes").forEach(Summary::withoutLimit);
    return summary;
  }

  private static void withoutLimit(JsonNode memory) {
    if (memory.has("workingSetBytes")) {
      ((ObjectNode) memory).remove("availableBytes");
    }
  }

  /// Of the node.
  public Summary availableMemory(double percent) {
    var memory = (ObjectNode) json.path("node").path("memory");
    double share = percent / 100;
    memory.put(
        "availableBytes", (long) (memory.get("workingSetBytes").asLong() * share / (1 - share)));
    return this;
  }

  /// Gives a pod that was added a memory limit.
  public Summary podLimit(String name, long usageBytes, long limitBytes) {
    for (var pod : json.get("pods")) {
      if (pod.at("/podRef/name").asText().equals(name)) {
        var memory = (ObjectNode) pod.get("memory");
        memory.put("usageBytes", usageBytes);
        memory.put("availableBytes", limitBytes - memory.get("workingSetBytes").asLong());
        return this;
      }
    }
    throw new IllegalArgumentException("no pod " + name);
  }

  /// @param kind some or full
  public Summary psi(String resource, String kind, double avg10, double avg60) {
    set((ObjectNode) json.path("node"), resource, kind, avg10, avg60);
    return this;
  }

  public Summary cpusInUse(double cpus) {
    ((ObjectNode) json.path("node").path("cpu")).put("usageNanoCores", (long) (cpus * 1e9));
    return this;
  }

  /// Adds a pod that uses this much memory.
  public Summary pod(String namespace, String name, long workingSetBytes) {
    var pods = (ArrayNode) json.get("pods");
    var pod = (ObjectNode) pods.get(0).deepCopy();
    ((ObjectNode) pod.get("podRef")).put("namespace", namespace).put("name", name);
    ((ObjectNode) pod.get("memory")).put("workingSetBytes", workingSetBytes);
    pods.add(pod);
    return this;
  }

  public Summary drained() {
    ((ArrayNode) json.get("pods")).removeAll();
    return this;
  }

  /// Changes a pod that was added.
  public Summary podPsi(String name, String resource, String kind, double avg10, double avg60) {
    for (var pod : json.get("pods")) {
      if (pod.at("/podRef/name").asText().equals(name)) {
        set((ObjectNode) pod, resource, kind, avg10, avg60);
        return this;
      }
    }
    throw new IllegalArgumentException("no pod " + name);
  }

  private static void set(ObjectNode of, String resource, String kind, double avg10, double avg60) {
    var psi = (ObjectNode) of.path(resource).path("psi").path(kind);
    psi.put("avg10", avg10).put("avg60", avg60).put("total", 1_000_000);
  }

  /// A kernel with psi=0, as reported by v1.36: objects with only zeros.
  public Summary off() {
    each(psi -> psi.forEach(kind -> ((ObjectNode) kind).setAll(zeroes())));
    return this;
  }

  private static ObjectNode zeroes() {
    return Recordings.JSON
        .createObjectNode()
        .put("total", 0)
        .put("avg10", 0)
        .put("avg60", 0)
        .put("avg300", 0);
  }

  /// A kubelet that reports no pressure for this resource.
  public Summary without(String resource) {
    ((ObjectNode) json.path("node").path(resource)).remove("psi");
    return this;
  }

  public Summary withoutPsi() {
    RESOURCES.forEach(this::without);
    return this;
  }

  private void each(Consumer<ObjectNode> change) {
    for (var psi : json.findValues("psi")) {
      change.accept((ObjectNode) psi);
    }
  }

  /// Adds this many pods with two containers each, like a busy node.
  public Summary pods(int n) {
    var pods = (ArrayNode) json.get("pods");
    for (int i = 0; i < n; i++) {
      pod("team-" + i % 20, "application-" + i + "-7d9f8b6c5-x2x" + i, i * 1_000_000L);
      var containers = (ArrayNode) pods.get(pods.size() - 1).get("containers");
      containers.add(containers.get(0).deepCopy());
    }
    return this;
  }

  /// As sent over the network: kubelets indent.
  public byte[] bytes() {
    return json.toPrettyString().getBytes(StandardCharsets.UTF_8);
  }
}
