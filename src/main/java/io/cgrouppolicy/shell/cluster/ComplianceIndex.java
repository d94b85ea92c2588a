package io.cgrouppolicy.shell.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The verdicts on all namespaces, or on all nodes, in memory, by name and policy. Rebuilt at
/// start: until it has covered what a policy selects, its conditions are Unknown.
///
/// @param <V> the verdict of one policy on one object; compared by `equals`
public final class ComplianceIndex<V> {
  private final Map<String, Map<String, V>> byName = new ConcurrentHashMap<>();
  private final Consumer<String> changed;

  /// @param changed told the name of a policy whenever a verdict of it changes; must not block
  public ComplianceIndex(Consumer<String> changed) {
    this.changed = changed;
  }

  /// Replaces the verdicts on an object.
  public void put(String name, Map<String, V> verdicts) {
    var before = verdicts.isEmpty() ? byName.remove(name) : byName.put(name, verdicts);
    var old = before == null ? Map.<String, V>of() : before;
    verdicts.forEach(
        (policy, verdict) -> {
          if (!verdict.equals(old.get(policy))) {
            changed.accept(policy);
          }
        });
    old.keySet().stream().filter(policy -> !verdicts.containsKey(policy)).forEach(changed);
  }

  public void remove(String name) {
    put(name, Map.of());
  }

  public Map<String, V> get(String name) {
    return byName.getOrDefault(name, Map.of());
  }
}
