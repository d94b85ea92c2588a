package io.cgrouppolicy.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/// The CRDs of OpenReports, from the project's own Go module, which `hack/tools/openreports` pins;
/// the permission to write reports; and the reports of a test.
public final class OpenReports {
  public static final String GROUP = "openreports.io";
  public static final String ROLES = "config/rbac/open-reports";

  /// Settings of an operator that notices soon what others changed.
  public static final Map<String, String> SETTINGS =
      Map.of(
          "CGROUP_POLICY_OPEN_REPORTS_ENABLED", "true",
          "CGROUP_POLICY_OPEN_REPORTS_INTERVAL", "8s");

  private static final String MODULE = "github.com/openreports/reports-api";
  private static final String VERSION = GROUP + "/v1alpha1";
  private static final ObjectMapper JSON = new ObjectMapper();

  private OpenReports() {}

  /// Installs the CRDs, and waits until they are served.
  public static void install() {
    var kubectl = new Kubectl(LocalCluster.get().adminKubeconfig());
    kubectl.succeed("apply", "--server-side", "-f", crds());
    kubectl.awaitEstablished("reports." + GROUP);
    kubectl.awaitEstablished("clusterreports." + GROUP);
  }

  private static String crds() {
    return Tool.source("openreports", MODULE).resolve("config/crd").toString();
  }

  /// Deletes the CRDs with all reports.
  public static void uninstall() {
    Kubectl.run("delete", "--ignore-not-found", "-f", crds());
  }

  /// Grants the operator what `config/components/open-reports` grants.
  public static void grant() {
    Kubectl.run("apply", "--server-side", "-k", ROLES);
  }

  public static void revoke() {
    Kubectl.run("delete", "--ignore-not-found", "-k", ROLES);
  }

  /// The Reports in a namespace as `client` sees them.
  public static List<GenericKubernetesResource> reports(KubernetesClient client, String namespace) {
    return client
        .genericKubernetesResources(VERSION, "Report")
        .inNamespace(namespace)
        .list()
        .getItems();
  }

  /// The ClusterReports of a policy.
  public static List<GenericKubernetesResource> clusterReports(
      KubernetesClient client, String policy) {
    return client
        .genericKubernetesResources(VERSION, "ClusterReport")
        .withLabel("cgroup-policy.io/policy", policy)
        .list()
        .getItems();
  }

  /// The results of all these reports.
  public static List<JsonNode> results(List<GenericKubernetesResource> reports) {
    return reports.stream()
        .map(report -> JSON.<JsonNode>valueToTree(report).path("results"))
        .flatMap(results -> StreamSupport.stream(results.spliterator(), false))
        .toList();
  }

  /// The operator's requests about reports so far, as verb and path, from the audit log.
  public static List<String> requests() {
    return LocalCluster.get().auditedWrites(GROUP).stream()
        .filter(
            event ->
                event.at("/user/username").asText().equals(LocalCluster.OPERATOR_USER)
                    && event.path("requestURI").asText().contains("/apis/" + GROUP))
        .map(event -> event.path("verb").asText() + " " + event.path("requestURI").asText())
        .toList();
  }
}
