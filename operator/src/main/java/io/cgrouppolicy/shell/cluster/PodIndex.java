package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.pods.PodFacts;
import java.util.ArrayList;
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
    var pods = byNamespace.computeIfAbsent(pod.namespace(), namespace -> new HashMap<>());
    var before = pods.remove(pod.name()); // frees the key, which belongs to the old facts
    pods.put(pod.name(), pod);
    if (before == null) {
      size++;
    } else {
      removeFromNode(before);
    }
    if (!pod.node().isEmpty()) {
      byNode.computeIfAbsent(pod.node(), node -> new HashMap<>()).put(pod.uid(), pod);
    }
    return before;
  }

  /// @return the removed pod, or null
  synchronized PodFacts remove(String namespace, String name) {
    var pods = byNamespace.get(namespace);
    var before = pods == null ? null : pods.remove(name);
    if (before == null) {
      return null;
    }
    if (pods.isEmpty()) {
      byNamespace.remove(namespace);
    }
    size--;
    removeFromNode(before);
    return before;
  }

  private void removeFromNode(PodFacts pod) {
    var pods = byNode.get(pod.node());
    if (pods != null) {
      pods.remove(pod.uid());
      if (pods.isEmpty()) {
        byNode.remove(pod.node());
      }
    }
  }

  synchronized PodFacts get(String namespace, String name) {
    var pods = byNamespace.get(namespace);
    return pods == null ? null : pods.get(name);
  }

  synchronized List<PodFacts> inNamespace(String namespace) {
    return List.copyOf(byNamespace.getOrDefault(namespace, Map.of()).values());
  }

  synchronized List<PodFacts> onNode(String node) {
    return List.copyOf(byNode.getOrDefault(node, Map.of()).values());
  }

  synchronized List<PodFacts> all() {
    var all = new ArrayList<PodFacts>(size);
    byNamespace.values().forEach(pods -> all.addAll(pods.values()));
    return all;
  }

  synchronized int size() {
    return size;
  }
}
