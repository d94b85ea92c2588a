package io.cgrouppolicy.core.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// All policies at one moment, in order of precedence. Immutable, so that readers never see a
/// partial change.
public final class PolicyBook {
  private final List<CompiledPolicy> policies;
  private final Map<String, CompiledPolicy> byName = new HashMap<>();
  private final SystemNamespaces systemNamespaces;

  public PolicyBook(Collection<CompiledPolicy> policies, SystemNamespaces systemNamespaces) {
    this.policies = policies.stream().sorted(CompiledPolicy.PRECEDENCE).toList();
    this.systemNamespaces = systemNamespaces;
    this.policies.forEach(policy -> byName.put(policy.name(), policy));
  }

  public PolicyBook with(CompiledPolicy policy) {
    var changed = new ArrayList<>(without(policy.name()).policies);
    changed.add(policy);
    return new PolicyBook(changed, systemNamespaces);
  }

  public PolicyBook without(String name) {
    return new PolicyBook(
        policies.stream().filter(policy -> !policy.name().equals(name)).toList(), systemNamespaces);
  }

  public Optional<CompiledPolicy> find(String name) {
    return Optional.ofNullable(name == null ? null : byName.get(name));
  }

  /// The policy of that name, unless it is another one that was created later.
  public Optional<CompiledPolicy> find(String name, String uid) {
    return find(name).filter(policy -> policy.uid().equals(uid));
  }

  public List<CompiledPolicy> policies() {
    return policies;
  }

  public boolean selects(CompiledPolicy policy, String namespace, Map<String, String> labels) {
    return policy.selects(namespace, labels, systemNamespaces.contains(namespace));
  }

  /// The policies that select one namespace or node.
  ///
  /// @param enforcing the policies in mode Enforce, the governing one first
  /// @param auditing the policies in mode Audit that would govern it in mode Enforce. An Audit
  ///     policy never takes precedence over an enforcing one.
  public record Selection(List<CompiledPolicy> enforcing, List<CompiledPolicy> auditing) {
    public Optional<CompiledPolicy> governing() {
      return enforcing.isEmpty() ? Optional.empty() : Optional.of(enforcing.getFirst());
    }

    /// The policies that judge it and count it in their status.
    public List<CompiledPolicy> judging() {
      var all = new ArrayList<>(auditing);
      governing().ifPresent(all::add);
      all.sort(Comparator.comparing(CompiledPolicy::name));
      return all;
    }
  }

  public Selection select(String namespace, Map<String, String> labels) {
    boolean system = systemNamespaces.contains(namespace);
    return select(policy -> policy.selects(namespace, labels, system));
  }

  /// Selects policies for a node by the same rules as for a namespace, although nodes are never
  /// written.
  public Selection selectNode(Map<String, String> labels) {
    return select(policy -> policy.selectsNode(labels));
  }

  private Selection select(Predicate<CompiledPolicy> selects) {
    var enforcing = new ArrayList<CompiledPolicy>();
    var auditing = new ArrayList<CompiledPolicy>();
    for (var policy : policies) {
      if (selects.test(policy)) {
        if (policy.enforces()) {
          enforcing.add(policy);
        } else if (enforcing.isEmpty()) {
          auditing.add(policy);
        }
      }
    }
    return new Selection(enforcing, auditing);
  }
}
