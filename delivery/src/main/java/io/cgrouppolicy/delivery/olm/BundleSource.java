package io.cgrouppolicy.delivery.olm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.shell.kubelet.KubeletToken;
import io.cgrouppolicy.testing.Kubectl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/// The objects of a kustomization, by what OLM does with them.
///
/// @param deployment the operator's
/// @param namespace the one that the kustomization installs into
/// @param clusterRules what each ServiceAccount that OLM creates may do in the whole cluster
/// @param rules what they may do in the operator's namespace
/// @param others objects that OLM applies unchanged
record BundleSource(
    ObjectNode deployment,
    ObjectNode namespace,
    Map<String, List<JsonNode>> clusterRules,
    Map<String, List<JsonNode>> rules,
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
    // OLM creates each account that the CSV grants something, whether or not a pod uses it.
    var accounts =
        Set.of(
            deployment.at("/spec/template/spec/serviceAccountName").asText(), KubeletToken.ACCOUNT);
    var clusterRules = new TreeMap<String, List<JsonNode>>();
    var rules = new TreeMap<String, List<JsonNode>>();
    // OLM creates these itself, or from the CSV.
    var taken = new LinkedHashSet<ObjectNode>(List.of(deployment, namespace));
    for (var object : objects) {
      var kind = Yaml.kind(object);
      if (kind.equals("ServiceAccount") && accounts.contains(Yaml.name(object))) {
        taken.add(object);
      }
      var account = kind.endsWith("RoleBinding") ? account(object, accounts, namespace) : null;
      if (account != null) {
        var role = role(objects, object);
        role.get("rules")
            .forEach(
                (kind.equals("RoleBinding") ? rules : clusterRules)
                        .computeIfAbsent(account, name -> new ArrayList<>())
                    ::add);
        taken.add(object);
        taken.add(role);
      }
    }
    var others = objects.stream().filter(object -> !taken.contains(object)).toList();
    return new BundleSource(deployment, namespace, clusterRules, rules, others);
  }

  private static ObjectNode only(List<ObjectNode> objects, String kind) {
    var found = objects.stream().filter(object -> Yaml.kind(object).equals(kind)).toList();
    if (found.size() != 1) {
      throw new IllegalStateException("there must be one " + kind + ", not " + found.size());
    }
    return found.getFirst();
  }

  /// Which of the accounts a binding is for, or null. A CSV cannot express a binding with other
  /// subjects.
  private static String account(ObjectNode binding, Set<String> accounts, ObjectNode namespace) {
    var subjects = StreamSupport.stream(binding.path("subjects").spliterator(), false).toList();
    var ours =
        subjects.stream()
            .filter(subject -> subject.path("kind").asText().equals("ServiceAccount"))
            .map(subject -> subject.path("name").asText())
            .filter(accounts::contains)
            .toList();
    if (ours.isEmpty()) {
      return null;
    }
    if (subjects.size() > 1) {
      throw new IllegalStateException(Yaml.name(binding) + " has other subjects");
    }
    if (Yaml.kind(binding).equals("RoleBinding")
        && !binding.at("/metadata/namespace").asText().equals(Yaml.name(namespace))) {
      throw new IllegalStateException(
          Yaml.name(binding) + " is in another namespace, which a CSV cannot express");
    }
    return ours.getFirst();
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
