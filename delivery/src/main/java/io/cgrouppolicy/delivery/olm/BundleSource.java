package io.cgrouppolicy.delivery.olm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.testing.Kubectl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/// The objects of a kustomization, by what OLM does with them.
///
/// @param deployment the operator's
/// @param namespace the one that the kustomization installs into
/// @param account the name of the operator's ServiceAccount
/// @param clusterRules what it may do in the whole cluster
/// @param rules what it may do in its own namespace
/// @param others objects that OLM applies unchanged
record BundleSource(
    ObjectNode deployment,
    ObjectNode namespace,
    String account,
    List<JsonNode> clusterRules,
    List<JsonNode> rules,
    List<ObjectNode> others) {
  /// Kinds that OLM v0 and v1 apply from a bundle, in addition to the CSV and CRDs: those in
  /// `supported_resources.go` of operator-registry that this project uses.
  private static final Set<String> KINDS =
      Set.of(
          "ClusterRole",
          "ClusterRoleBinding",
          "ConfigMap",
          "ConsoleYAMLSample",
          "NetworkPolicy",
          "PodDisruptionBudget",
          "PrometheusRule",
          "Role",
          "RoleBinding",
          "Service",
          "ServiceAccount",
          "ServiceMonitor");

  /// @throws IOException if it is not a kustomization
  /// @throws IllegalStateException if it has an object that a bundle cannot contain
  static BundleSource of(Path kustomization) throws IOException {
    var source =
        of(
            Yaml.readAll(
                new Kubectl(Path.of("/dev/null")).succeed("kustomize", kustomization.toString())));
    for (var object : source.others()) {
      if (!KINDS.contains(Yaml.kind(object))) {
        throw new IllegalStateException(
            "a bundle cannot contain " + Yaml.kind(object) + " " + Yaml.name(object));
      }
    }
    return source;
  }

  static BundleSource of(List<ObjectNode> objects) {
    var deployment = only(objects, "Deployment");
    var namespace = only(objects, "Namespace");
    var account = deployment.at("/spec/template/spec/serviceAccountName").asText();
    var clusterRules = new ArrayList<JsonNode>();
    var rules = new ArrayList<JsonNode>();
    // OLM creates these itself, or from the CSV.
    var taken = new LinkedHashSet<ObjectNode>(List.of(deployment, namespace));
    for (var object : objects) {
      var kind = Yaml.kind(object);
      if (kind.equals("ServiceAccount") && Yaml.name(object).equals(account)) {
        taken.add(object);
      }
      if (kind.endsWith("RoleBinding") && isFor(object, account, Yaml.name(namespace))) {
        var role = role(objects, object);
        role.get("rules").forEach((kind.equals("RoleBinding") ? rules : clusterRules)::add);
        taken.add(object);
        taken.add(role);
      }
    }
    var others = objects.stream().filter(object -> !taken.contains(object)).toList();
    return new BundleSource(deployment, namespace, account, clusterRules, rules, others);
  }

  private static ObjectNode only(List<ObjectNode> objects, String kind) {
    var found = objects.stream().filter(object -> Yaml.kind(object).equals(kind)).toList();
    if (found.size() != 1) {
      throw new IllegalStateException("there must be one " + kind + ", not " + found.size());
    }
    return found.getFirst();
  }

  /// Whether a binding is the operator's. A CSV cannot express a binding with other subjects.
  private static boolean isFor(ObjectNode binding, String account, String namespace) {
    var subjects = StreamSupport.stream(binding.path("subjects").spliterator(), false).toList();
    var ours =
        subjects.stream()
            .filter(subject -> subject.path("kind").asText().equals("ServiceAccount"))
            .filter(subject -> subject.path("name").asText().equals(account))
            .toList();
    if (ours.isEmpty()) {
      return false;
    }
    if (subjects.size() > 1) {
      throw new IllegalStateException(Yaml.name(binding) + " has subjects other than the operator");
    }
    if (Yaml.kind(binding).equals("RoleBinding")
        && !binding.at("/metadata/namespace").asText().equals(namespace)) {
      throw new IllegalStateException(
          Yaml.name(binding) + " is in another namespace, which a CSV cannot express");
    }
    return true;
  }

  private static ObjectNode role(List<ObjectNode> objects, ObjectNode binding) {
    var kind = binding.at("/roleRef/kind").asText();
    var name = binding.at("/roleRef/name").asText();
    return objects.stream()
        .filter(object -> Yaml.kind(object).equals(kind) && Yaml.name(object).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    Yaml.name(binding) + " refers to a role that is missing here: " + name));
  }
}
