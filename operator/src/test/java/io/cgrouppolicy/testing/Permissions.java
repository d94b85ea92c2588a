package io.cgrouppolicy.testing;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import java.util.ArrayList;
import java.util.List;

/// Removes one verb on one resource from the shipped role until it is closed.
public final class Permissions implements AutoCloseable {
  private static final String ROLE = "cgroup-policy-operator";

  private final List<PolicyRule> shipped;

  private Permissions(List<PolicyRule> shipped) {
    this.shipped = shipped;
  }

  public static Permissions without(String verb, String resource) {
    var role = LocalCluster.get().admin().rbac().clusterRoles().withName(ROLE);
    var permissions = new Permissions(role.get().getRules());
    role.edit(before -> split(before, verb, resource));
    return permissions;
  }

  private static ClusterRole split(ClusterRole role, String verb, String resource) {
    var rules = new ArrayList<PolicyRule>();
    boolean found = false;
    for (var rule : role.getRules()) {
      if (rule.getResources().contains(resource) && rule.getVerbs().contains(verb)) {
        found = true;
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
    if (!found) {
      throw new IllegalStateException("the role does not grant " + verb + " on " + resource);
    }
    role.setRules(rules);
    return role;
  }

  private static List<String> without(List<String> list, String element) {
    return list.stream().filter(other -> !other.equals(element)).toList();
  }

  @Override
  public void close() {
    LocalCluster.get()
        .admin()
        .rbac()
        .clusterRoles()
        .withName(ROLE)
        .edit(
            role -> {
              role.setRules(shipped);
              return role;
            });
  }
}
