package io.cgrouppolicy.shell.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// Holds in memory the verdicts on all nodes, by node and policy. It starts empty: the conditions
/// of a policy are Unknown until every object that the policy selects has a verdict.
///
/// @param <V> the verdict of one policy on one object; compared by `equals`
public final class ComplianceIndex<V> {
  private final Map<String, Map<String, V>> byName = new ConcurrentHashMap<>();
  private final Consumer<String> changed;

  /// @param changed receives the name of a policy when one of its verdicts changes; must not block
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
