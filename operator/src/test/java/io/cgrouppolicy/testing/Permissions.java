package io.cgrouppolicy.testing;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.ArrayList;
import java.util.List;

/// Removes permissions on one resource from the shipped role that grants them until it is closed.
public final class Permissions implements AutoCloseable {
  private static final List<String> ROLES =
      List.of("cgroup-policy-operator", "cgroup-policy-kubelet-reader");
  private static final List<String> VERBS =
      List.of("get", "list", "watch", "create", "patch", "delete");

  private final Resource<ClusterRole> role;
  private final List<PolicyRule> shipped;

  private Permissions(Resource<ClusterRole> role) {
    this.role = role;
    this.shipped = role.get().getRules();
  }

  /// Removes one verb on a resource.
  public static Permissions without(String verb, String resource) {
    return without(LocalCluster.get().admin(), List.of(verb), resource);
  }

  /// Removes all verbs on a resource.
  public static Permissions without(KubernetesClient admin, String resource) {
    return without(admin, VERBS, resource);
  }

  private static Permissions without(KubernetesClient admin, List<String> verbs, String resource) {
    var permissions =
        ROLES.stream()
            .map(name -> new Permissions(admin.rbac().clusterRoles().withName(name)))
            .filter(p -> verbs.stream().anyMatch(verb -> grants(p.shipped, verb, resource)))
            .findFirst()
            .orElseThrow(
                () -> new IllegalStateException("no role grants " + verbs + " on " + resource));
    permissions.role.edit(
        role -> {
          verbs.stream()
              .filter(verb -> grants(role.getRules(), verb, resource))
              .forEach(verb -> split(role, verb, resource));
          return role;
        });
    return permissions;
  }

  private static boolean grants(List<PolicyRule> rules, String verb, String resource) {
    return rules.stream().anyMatch(rule -> grants(rule, verb, resource));
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
