package io.cgrouppolicy.compliance;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The verdicts of all namespaces, in memory, by namespace and policy. Rebuilt at start: until it
/// has covered what a policy selects, its conditions are Unknown.
public final class ComplianceIndex {
  private final Map<String, Map<String, NamespaceVerdict>> namespaces = new ConcurrentHashMap<>();
  private final Consumer<String> changed;

  /// @param changed told the name of a policy whenever a verdict of it changes; must not block
  public ComplianceIndex(Consumer<String> changed) {
    this.changed = changed;
  }

  /// Replaces the verdicts of a namespace.
  public void put(String namespace, Map<String, NamespaceVerdict> verdicts) {
    var before =
        verdicts.isEmpty() ? namespaces.remove(namespace) : namespaces.put(namespace, verdicts);
    var old = before == null ? Map.<String, NamespaceVerdict>of() : before;
    verdicts.forEach(
        (policy, verdict) -> {
          if (!verdict.equals(old.get(policy))) {
            changed.accept(policy);
          }
        });
    old.keySet().stream().filter(policy -> !verdicts.containsKey(policy)).forEach(changed);
  }

  public void remove(String namespace) {
    put(namespace, Map.of());
  }

  public Map<String, NamespaceVerdict> get(String namespace) {
    return namespaces.getOrDefault(namespace, Map.of());
  }
}
