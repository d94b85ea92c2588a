package io.cgrouppolicy.testing;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.ArrayList;
import java.util.List;

/// Removes one verb on one resource from the shipped role that grants it until it is closed.
public final class Permissions implements AutoCloseable {
  private static final List<String> ROLES =
      List.of("cgroup-policy-operator", "cgroup-policy-kubelet-reader");

  private final Resource<ClusterRole> role;
  private final List<PolicyRule> shipped;

  private Permissions(Resource<ClusterRole> role) {
    this.role = role;
    this.shipped = role.get().getRules();
  }

  public static Permissions without(String verb, String resource) {
    var roles = LocalCluster.get().admin().rbac().clusterRoles();
    var permissions =
        ROLES.stream()
            .map(name -> new Permissions(roles.withName(name)))
            .filter(p -> p.shipped.stream().anyMatch(rule -> grants(rule, verb, resource)))
            .findFirst()
            .orElseThrow(
                () -> new IllegalStateException("no role grants " + verb + " on " + resource));
    permissions.role.edit(before -> split(before, verb, resource));
    return permissions;
  }

  private static boolean grants(PolicyRule rule, String verb, String resource) {
    return rule.getResources().contains(resource) && rule.getVerbs().contains(verb);
  }

  private static ClusterRole split(ClusterRole role, String verb, String resource) {
    var rules = new ArrayList<PolicyRule>();
    for (var rule : role.getRules()) {
      if (grants(rule, verb, resource)) {
        var resources = without(rule.getResources(), resource);
        var verbs = without(rule.getVerbs(), verb);
        if (!resources.isEmpty()) {
          rules.add(rule.edit().withResources(resources).build());
        }
        if (!verbs.isEmpty()) {
          rules.add(rule.edit().withResources(resource).withVerbs(verbs).build());
        }
      } else {
        rules.add(rule);
      }
    }
    role.setRules(rules);
    return role;
  }

  private static List<String> without(List<String> list, String element) {
    return list.stream().filter(other -> !other.equals(element)).toList();
  }

  @Override
  public void close() {
    role.edit(
        changed -> {
          changed.setRules(shipped);
          return changed;
        });
  }
}
