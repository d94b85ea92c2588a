package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.shell.kubelet.KubeletReader;
import io.cgrouppolicy.shell.kubelet.KubeletResponse;
import io.cgrouppolicy.shell.kubelet.KubeletResponse.Failure;
import io.cgrouppolicy.shell.kubelet.KubeletToken;
import io.cgrouppolicy.shell.kubelet.ReaderFixture;
import io.cgrouppolicy.shell.kubelet.ReaderOptions;
import io.cgrouppolicy.shell.kubelet.Reason;
import io.cgrouppolicy.shell.settings.KubeletAccess;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.Permissions;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.KubeletFleet;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the shipped roles permit on kubelets that authenticate and authorize like real ones.
class KubeletAccessIT {
  private final KubernetesClient admin = LocalCluster.get().admin();
  private final KubernetesClient operator =
      new KubernetesClientBuilder().withConfig(operatorConfig()).build();
  private final KubeletToken token = KubeletToken.of(operator, "cgroup-policy-system");
  private KubeletFleet fleet;
  private KubeletReader reader;

  @BeforeEach
  void open() {
    fleet = KubeletFleet.start(admin);
    reader = reader(KubeletAccess.DIRECT, token);
  }

  @AfterEach
  void close() {
    reader.close();
    fleet.close();
    operator.close();
  }

  private static Config operatorConfig() {
    return Config.fromKubeconfig(LocalCluster.get().operatorKubeconfig().toFile());
  }

  private KubeletReader reader(KubeletAccess access, KubeletToken token) {
    return new KubeletReader(
        new ReaderOptions(
            access, Optional.of(fleet.caFile()), false, Duration.ofSeconds(20), 8, 1 << 20),
        operatorConfig(),
        token);
  }

  /// Uses a name that no other test used.
  private SimulatedKubelet kubelet(String name) {
    return fleet.node(fleet.id() + "-" + name);
  }

  private String read(SimulatedKubelet kubelet, String path) {
    return read(reader, kubelet, path);
  }

  /// Returns `Body` or the reason of the failure.
  private static String read(KubeletReader reader, SimulatedKubelet kubelet, String path) {
    var response = reader.read(kubelet.node(), path).orTimeout(60, TimeUnit.SECONDS).join();
    return switch (response) {
      case KubeletResponse.Body body -> "Body";
      case Failure failure -> failure.reason().name();
    };
  }

  @Test
  void theShippedRoleOpensTheConfigurationAndTheSummaryAndNothingElse() {
    var kubelet = kubelet("a").hardened().start();
    assertThat(read(kubelet, "/configz")).isEqualTo("Body");
    assertThat(read(kubelet, "/stats/summary")).isEqualTo("Body");
    assertThat(read(kubelet, "/metrics/cadvisor")).isEqualTo("Forbidden");
    assertThat(read(kubelet, "/healthz")).isEqualTo("Forbidden");
    assertThat(read(kubelet, "/pods")).isEqualTo("Forbidden");
    assertThat(read(kubelet, "/exec/default/pod/container?command=id")).isEqualTo("Forbidden");
  }

  @Test
  void withoutThePermissionItIsForbiddenUntilGranted() {
    var kubelet = kubelet("a").start();
    assertThat(read(kubelet, "/configz")).isEqualTo("Body");
    withoutConfigz(
        () -> eventually(() -> assertThat(fresh(kubelet, "/configz")).isEqualTo("Forbidden")));
    eventually(() -> assertThat(fresh(kubelet, "/configz")).isEqualTo("Body"));
  }

  private String fresh(SimulatedKubelet kubelet, String path) {
    fleet.forgetAuthorizations();
    return read(kubelet, path);
  }

  private void withoutConfigz(Runnable body) {
    try (var missing = Permissions.without("get", "nodes/configz")) {
      body.run();
    }
  }

  @Test
  void aTokenThatTheClusterDoesNotKnowIsUnauthorized() {
    var kubelet = kubelet("a").start();
    var unknown = ReaderFixture.token("no token of ours");
    try (var stranger = reader(KubeletAccess.DIRECT, unknown)) {
      assertThat(read(stranger, kubelet, "/configz")).isEqualTo("Unauthorized");
    }
  }

  /// Shows why the role for the proxy is not bound: it permits more than needed and does not
  /// suffice.
  @Test
  void nodesProxyIsAnOptInWithARoleOfItsOwn() throws IOException {
    var kubelet = kubelet("a").start();
    try (var proxied = reader(KubeletAccess.PROXY, token)) {
      assertThat(read(proxied, kubelet, "/configz")).isEqualTo("Forbidden");
      var role =
          admin
              .getKubernetesSerialization()
              .unmarshal(
                  Files.readString(Path.of("config/rbac/nodes_proxy_role.yaml")),
                  ClusterRole.class);
      var name = role.getMetadata().getName();
      var binding =
          new ClusterRoleBindingBuilder()
              .withNewMetadata()
              .withName(name)
              .endMetadata()
              .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", name)
              .addNewSubject("", "ServiceAccount", KubeletToken.ACCOUNT, "cgroup-policy-system")
              .build();
      admin.resource(role).create();
      admin.resource(binding).create();
      try {
        withoutConfigz(
            () -> {
              eventually(() -> assertThat(fresh(kubelet, "/pods")).isEqualTo("NotFound"));
              assertThat(read(kubelet, "/configz")).isEqualTo("Body");
              assertThat(read(kubelet, "/metrics/cadvisor")).isEqualTo("Forbidden");
              // Allowed now; it only fails because the API server never dials loopback.
              eventually(
                  () ->
                      assertThat(read(proxied, kubelet, "/configz"))
                          .isEqualTo(Reason.UnexpectedStatus.name()));
            });
      } finally {
        admin.resource(binding).delete();
        admin.resource(role).delete();
      }
    }
  }

  /// Evaluates `kubectl auth can-i VERB RESOURCE --subresource SUBRESOURCE`. Without that flag,
  /// `can-i get nodes/proxy` means a node named proxy.
  @ParameterizedTest
  @CsvSource({
    "get,    nodes, configz, false",
    "get,    nodes, stats,   false",
    "get,    nodes, metrics, false",
    "get,    nodes, ,        false",
    "list,   nodes, ,        true",
    "watch,  nodes, ,        true",
    "get,    nodes, proxy,   false",
    "create, nodes, proxy,   false",
    "get,    nodes, log,     false",
    "update, nodes, ,        false",
    "patch,  nodes, ,        false",
    "delete, nodes, ,        false",
    "patch,  nodes, status,  false",
    "create, pods,  exec,    false",
    "get,    pods,  exec,    false",
  })
  void whatTheOperatorMayDoToNodes(
      String verb, String resource, String subresource, boolean allowed) {
    var review =
        operator
            .resource(
                new SelfSubjectAccessReviewBuilder()
                    .withNewSpec()
                    .withNewResourceAttributes()
                    .withVerb(verb)
                    .withResource(resource)
                    .withSubresource(subresource)
                    .endResourceAttributes()
                    .endSpec()
                    .build())
            .create();
    assertThat(review.getStatus().getAllowed()).isEqualTo(allowed);
  }

  @Test
  void nodesAreRealObjectsThatFollowTheirKubelets() {
    var kubelet = kubelet("a").labels(Map.of("pool", "gpu")).start();
    var node = admin.nodes().withName(kubelet.name());
    assertThat(node.get().getMetadata().getLabels()).containsEntry("pool", "gpu");
    assertThat(ready(node.get())).isEqualTo("True");
    kubelet.ready(false).version("v1.34.1").bootId("another").labels(Map.of("pool", "x"));
    assertThat(ready(node.get())).isEqualTo("Unknown");
    assertThat(node.get().getStatus().getNodeInfo().getKubeletVersion()).isEqualTo("v1.34.1");
    assertThat(node.get().getStatus().getNodeInfo().getBootID()).isEqualTo("another");
    assertThat(node.get().getMetadata().getLabels()).containsEntry("pool", "x");

    kubelet.behave(Behaviour.REFUSE);
    assertThat(read(kubelet, "/configz")).isEqualTo("ConnectionRefused");
    kubelet.behave(Behaviour.ANSWER);
    assertThat(read(kubelet, "/configz")).isEqualTo("Body");
    fleet.close();
    assertThat(node.get()).isNull();
    fleet = KubeletFleet.start(admin);
  }

  private static String ready(Node node) {
    return node.getStatus().getConditions().stream()
        .filter(c -> c.getType().equals("Ready"))
        .map(NodeCondition::getStatus)
        .findFirst()
        .orElseThrow();
  }
}
