package io.cgrouppolicy.delivery.olm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// Permissions in their smallest parts, so that they can be compared however they are written.
final class Grants {
  private Grants() {}

  /// By ServiceAccount.
  ///
  /// @param cluster in the whole cluster: one line for each verb on each resource
  /// @param namespace in the operator's own namespace
  record OfAccounts(Map<String, Set<String>> cluster, Map<String, Set<String>> namespace) {}

  /// The permissions of the operator and of its account for kubelets, from the bindings among these
  /// objects.
  static OfAccounts of(List<ObjectNode> objects) {
    var source = BundleSource.of(objects);
    return new OfAccounts(parts(source.clusterRules()), parts(source.rules()));
  }

  /// The permissions of all accounts, from a CSV.
  static OfAccounts of(BundleFiles bundle) {
    return new OfAccounts(
        parts(rules(bundle.strategy().path("clusterPermissions"))),
        parts(rules(bundle.strategy().path("permissions"))));
  }

  /// Permissions of the ClusterRoles for people and for Prometheus: by role, with the roles that
  /// they aggregate to.
  static Map<String, Set<String>> unbound(Iterable<? extends JsonNode> objects) {
    var roles = new TreeMap<String, Set<String>>();
    for (var object : objects) {
      if (Yaml.kind(object).equals("ClusterRole")) {
        roles.put(Yaml.name(object) + aggregations(object), parts(list(object.path("rules"))));
      }
    }
    return roles;
  }

  private static String aggregations(JsonNode role) {
    return role.at("/metadata/labels").properties().stream()
        .map(Map.Entry::getKey)
        .filter(label -> label.startsWith("rbac.authorization.k8s.io/"))
        .sorted()
        .map(label -> " " + label)
        .collect(Collectors.joining());
  }

  private static Map<String, List<JsonNode>> rules(JsonNode permissions) {
    var rules = new TreeMap<String, List<JsonNode>>();
    for (var entry : permissions) {
      rules
          .computeIfAbsent(entry.path("serviceAccountName").asText(), name -> new ArrayList<>())
          .addAll(list(entry.path("rules")));
    }
    return rules;
  }

  private static Map<String, Set<String>> parts(Map<String, List<JsonNode>> rules) {
    var parts = new TreeMap<String, Set<String>>();
    rules.forEach((account, those) -> parts.put(account, parts(those)));
    return parts;
  }

  private static Set<String> parts(List<JsonNode> rules) {
    var parts = new TreeSet<String>();
    for (var rule : rules) {
      var names = texts(rule.path("resourceNames"));
      var suffix = names.isEmpty() ? "" : " named " + new TreeSet<>(names);
      for (var verb : texts(rule.path("verbs"))) {
        texts(rule.path("nonResourceURLs")).forEach(url -> parts.add(verb + " " + url));
        for (var group : texts(rule.path("apiGroups"))) {
          for (var resource : texts(rule.path("resources"))) {
            parts.add(verb + " " + resource + (group.isEmpty() ? "" : "." + group) + suffix);
          }
        }
      }
    }
    return parts;
  }

  private static List<String> texts(JsonNode array) {
    return list(array).stream().map(JsonNode::asText).toList();
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }
}
