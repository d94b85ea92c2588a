package io.cgrouppolicy.delivery.olm;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.testing.ControlPlane;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.WorkDirectory;
import io.cgrouppolicy.testing.kubelet.KubeletFleet;
import io.cgrouppolicy.testing.kubelet.Summary;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The operator with only the contents of the bundle: on a separate control plane, in another
/// namespace, with the identity, permissions, environment and arguments of the CSV.
@EmbeddedCluster("nothing of ours is installed on it")
class BundleIT {
  private static final String NAMESPACE = "operators";

  private static ControlPlane cluster;
  private static KubernetesClient client;
  private static KubeletFleet fleet;
  private static OperatorProcess operator;

  @BeforeAll
  static void install() throws IOException {
    cluster = new ControlPlane(WorkDirectory.resolve("bundle"));
    client = cluster.client();
    fleet = KubeletFleet.start(client);
    var installation =
        new OlmInstallation(
            new Kubectl(cluster.kubeconfig()),
            client,
            BundleFiles.read(OlmBundle.DIRECTORY),
            NAMESPACE);
    installation.install();

    var environment = new HashMap<>(installation.environment());
    // What a Subscription adds for kubelets that the cluster's CA has not signed, and what OLM adds
    // on a cluster behind a proxy.
    environment.put("CGROUP_POLICY_KUBELET_CA_FILE", fleet.caFile().toString());
    environment.put("HTTPS_PROXY", "http://127.0.0.1:1");
    environment.put("NO_PROXY", "127.0.0.0/8,.svc,.cluster.local");
    environment.put(
        "KUBECONFIG",
        installation
            .kubeconfig(WorkDirectory.resolve("bundle-operator.kubeconfig"))
            .toAbsolutePath()
            .toString());
    operator = new OperatorProcess(environment, installation.arguments());
  }

  @AfterAll
  static void end() throws IOException {
    if (operator != null) {
      operator.close();
    }
    if (fleet != null) {
      fleet.close();
      client.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  private static Map<String, String> conditions() {
    var policy = client.resources(CgroupPolicy.class).withName("all").get();
    assertThat(policy.getStatus().conditions()).as("conditions").isNotNull();
    return policy.getStatus().conditions().stream()
        .collect(Collectors.toMap(Condition::getType, c -> c.getStatus() + " " + c.getReason()));
  }

  @Test
  void aPolicyBecomesCompliantAndNothingIsForbidden() {
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName("shop")
                .addToLabels("team", "shop")
                .endMetadata()
                .build())
        .create();
    fleet.node("node-1").hardened().summary(Summary.quiet()).start();
    client
        .resource(
            client
                .getKubernetesSerialization()
                .unmarshal(
                    """
                    apiVersion: cgroup-policy.io/v1alpha1
                    kind: CgroupPolicy
                    metadata: {name: all}
                    spec:
                      mode: Enforce
                      namespaces:
                        selector: {matchLabels: {team: shop}}
                        limitRange:
                          limits:
                          - {type: Container, default: {memory: 512Mi}, defaultRequest: {memory: 64Mi}}
                        resourceQuota: {hard: {limits.memory: 8Gi, pods: "50"}}
                      workloads: {requireLimits: [memory], allowBestEffort: false}
                      nodes:
                        selector: {}
                        kubelet: {podPidsLimit: 4096}
                        pressure: {memory: {full: 1}}
                        remedy: Publish
                    """,
                    CgroupPolicy.class))
        .create();

    eventually(
        () ->
            assertThat(conditions())
                .containsEntry("Ready", "True Enforced")
                .containsEntry("Compliant", "True Compliant")
                .containsEntry("NodesCompliant", "True Compliant")
                .containsEntry("PressureNormal", "True Normal"));
    assertThat(conditions().values()).noneMatch(state -> state.contains("Forbidden"));
    assertThat(client.limitRanges().inNamespace("shop").withName("cgroup-policy").get())
        .isNotNull();
    // Needs the permissions in its own namespace.
    assertThat(client.leases().inNamespace(NAMESPACE).withName("cgroup-policy-operator").get())
        .isNotNull();
    eventually(
        () ->
            assertThat(
                    client
                        .configMaps()
                        .inNamespace(NAMESPACE)
                        .withName("cgroup-policy-remedy-all")
                        .get())
                .isNotNull());
    // Needs the permission on events.
    eventually(
        () ->
            assertThat(client.events().v1().events().inNamespace("default").list().getItems())
                .anyMatch(
                    event ->
                        event.getReportingController() != null
                            && event.getReportingController().contains("cgroup-policy")));
    assertThat(operator.log()).doesNotContainIgnoringCase("forbidden");
  }

  @Test
  void theProbesOfTheBundleSucceed() throws IOException {
    var container = BundleFiles.read(OlmBundle.DIRECTORY).podSpec().get("containers").get(0);
    for (var probe : new String[] {"startupProbe", "livenessProbe", "readinessProbe"}) {
      var path = container.at("/" + probe + "/httpGet/path").asText();
      eventually(() -> assertThat(operator.get(path)).as(path).startsWith("200"));
    }
  }
}
