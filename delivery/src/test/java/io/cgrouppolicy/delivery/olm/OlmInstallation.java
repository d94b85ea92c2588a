package io.cgrouppolicy.delivery.olm;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.testing.Kubectl;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Installs only what OLM would create from a bundle; the caller starts the operator. Namespaced
/// permissions stay in the operator's namespace, whereas OLM would extend them to the whole cluster
/// for an operator of all namespaces: an operator that works with less works with more.
final class OlmInstallation {
  private final Kubectl kubectl;
  private final KubernetesClient client;
  private final BundleFiles bundle;
  private final String namespace;

  OlmInstallation(Kubectl kubectl, KubernetesClient client, BundleFiles bundle, String namespace) {
    this.kubectl = kubectl;
    this.client = client;
    this.bundle = bundle;
    this.namespace = namespace;
  }

  void install() {
    create(new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build());
    for (var manifest : bundle.manifests()) {
      // This cluster does not have their kinds.
      if (!manifest.apiVersion().startsWith("monitoring.coreos.com/")) {
        kubectl.succeed(
            "apply",
            "--server-side",
            "--validate=strict",
            "--namespace",
            namespace,
            "-f",
            manifest.file().toString());
      }
    }
    kubectl.awaitEstablished(
        bundle.csv().at("/spec/customresourcedefinitions/owned/0/name").asText());
    new TreeSet<>(bundle.strategy().findValuesAsText("serviceAccountName"))
        .forEach(this::serviceAccount);
    int n = 0;
    for (var permission : bundle.strategy().path("clusterPermissions")) {
      clusterRole(bundle.name() + "-" + n++, permission);
    }
    for (var permission : bundle.strategy().path("permissions")) {
      role(bundle.name() + "-" + n++, permission);
    }
  }

  private void create(HasMetadata object) {
    client.resource(object).create();
  }

  private String accountName() {
    return bundle.podSpec().get("serviceAccountName").asText();
  }

  private void serviceAccount(String name) {
    create(
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .endMetadata()
            .build());
  }

  private Subject account(JsonNode permission) {
    return new Subject(
        "", "ServiceAccount", permission.get("serviceAccountName").asText(), namespace);
  }

  private List<PolicyRule> rules(JsonNode permission) {
    var rules = new ArrayList<PolicyRule>();
    permission
        .get("rules")
        .forEach(
            rule ->
                rules.add(
                    client.getKubernetesSerialization().convertValue(rule, PolicyRule.class)));
    return rules;
  }

  private void clusterRole(String name, JsonNode permission) {
    create(
        new ClusterRoleBuilder()
            .withNewMetadata()
            .withName(name)
            .endMetadata()
            .withRules(rules(permission))
            .build());
    create(
        new ClusterRoleBindingBuilder()
            .withNewMetadata()
            .withName(name)
            .endMetadata()
            .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", name)
            .withSubjects(account(permission))
            .build());
  }

  private void role(String name, JsonNode permission) {
    create(
        new RoleBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .endMetadata()
            .withRules(rules(permission))
            .build());
    create(
        new RoleBindingBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .endMetadata()
            .withNewRoleRef("rbac.authorization.k8s.io", "Role", name)
            .withSubjects(account(permission))
            .build());
  }

  /// A kubeconfig with the token that the operator's pod would have. It names no namespace, because
  /// the CSV provides it to the pod.
  Path kubeconfig(Path file) throws IOException {
    var token =
        client
            .serviceAccounts()
            .inNamespace(namespace)
            .withName(accountName())
            .tokenRequest(new TokenRequest())
            .getStatus()
            .getToken();
    var reach =
        kubectl.succeed(
            "config",
            "view",
            "--raw",
            "--minify",
            "--flatten",
            "-o",
            "jsonpath={.clusters[0].cluster}");
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        current-context: operator
        contexts:
          - {name: operator, context: {cluster: cluster, user: operator}}
        clusters:
          - name: cluster
            cluster: %s
        users:
          - {name: operator, user: {token: "%s"}}
        """
            .formatted(reach, token));
    return file;
  }

  private JsonNode container() {
    return bundle.podSpec().get("containers").get(0);
  }

  /// The environment of the CSV's container, resolved as by a kubelet.
  Map<String, String> environment() {
    var environment = new LinkedHashMap<String, String>();
    for (var variable : container().path("env")) {
      var name = variable.get("name").asText();
      environment.put(
          name,
          variable.has("value")
              ? variable.get("value").asText()
              : field(name, variable.at("/valueFrom/fieldRef/fieldPath").asText()));
    }
    return environment;
  }

  private String field(String variable, String path) {
    return switch (path) {
      case "metadata.namespace" -> namespace;
      case "metadata.name" -> bundle.strategy().at("/deployments/0/name").asText() + "-0";
      case "spec.serviceAccountName" -> accountName();
      default -> throw new AssertionError(variable + " is from what no test knows: " + path);
    };
  }

  List<String> arguments() {
    var arguments = new ArrayList<String>();
    container().path("args").forEach(argument -> arguments.add(argument.asText()));
    return arguments;
  }
}
