package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.pods.PodFacts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Indexes pod facts by namespace and by node. The keys are strings of the facts themselves, so
/// that a pod costs two map entries on top of its facts.
final class PodIndex {
  /// By namespace, then by name.
  private final Map<String, Map<String, PodFacts>> byNamespace = new HashMap<>();

  /// By node, then by uid, because names are unique only within a namespace.
  private final Map<String, Map<String, PodFacts>> byNode = new HashMap<>();

  private int size;

  /// @return the previous pod of that name, or null
  synchronized PodFacts put(PodFacts pod) {
    var before = remove(pod.namespace(), pod.name()); // frees the keys, which belong to its facts
    byNamespace.computeIfAbsent(pod.namespace(), ns -> new HashMap<>()).put(pod.name(), pod);
    if (!pod.node().isEmpty()) {
      byNode.computeIfAbsent(pod.node(), node -> new HashMap<>()).put(pod.uid(), pod);
    }
    size++;
    return before;
  }

  /// @return the removed pod, or null
  synchronized PodFacts remove(String namespace, String name) {
    var before = remove(byNamespace, namespace, name);
    if (before != null) {
      remove(byNode, before.node(), before.uid());
      size--;
    }
    return before;
  }

  private static PodFacts remove(
      Map<String, Map<String, PodFacts>> index, String group, String key) {
    var pods = index.getOrDefault(group, Map.of());
    var before = pods.isEmpty() ? null : pods.remove(key);
    if (before != null && pods.isEmpty()) {
      index.remove(group);
    }
    return before;
  }

  synchronized PodFacts get(String namespace, String name) {
    return byNamespace.getOrDefault(namespace, Map.of()).get(name);
  }

  synchronized List<PodFacts> inNamespace(String namespace) {
    return List.copyOf(byNamespace.getOrDefault(namespace, Map.of()).values());
  }

  synchronized List<PodFacts> onNode(String node) {
    return List.copyOf(byNode.getOrDefault(node, Map.of()).values());
  }

  synchronized List<PodFacts> all() {
    return byNamespace.values().stream().flatMap(pods -> pods.values().stream()).toList();
  }

  synchronized int size() {
    return size;
  }
}
