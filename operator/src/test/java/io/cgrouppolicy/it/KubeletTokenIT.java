package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static io.cgrouppolicy.testing.FleetOperator.PIDS;
import static io.cgrouppolicy.testing.FleetOperator.nodes;
import static io.cgrouppolicy.testing.FleetOperator.violations;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceRule;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReviewBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The token that kubelets receive: whose it is, what it permits, and what happens without it.
class KubeletTokenIT {
  private static final String NAMESPACE = "cgroup-policy-system";
  private static final String CONFIGZ = "/configz";
  private static final String SUMMARY = "/stats/summary";

  @RegisterExtension
  static final FleetOperator operator =
      new FleetOperator("1S").with("CGROUP_POLICY_PRESSURE_INTERVAL", "1S").notStarted();

  @RegisterExtension final Fixture fixture = new Fixture();

  private final KubernetesClient admin = LocalCluster.get().admin();

  private static Config own() {
    return Config.fromKubeconfig(LocalCluster.get().operatorKubeconfig().toFile());
  }

  private SimulatedKubelet kubelet(String name) {
    return operator.node(fixture, name).hardened().start();
  }

  private void policy() {
    fixture.apply(
        "p",
        fixture.yaml(
            "p",
            "mode: Enforce; nodes: {selector: {matchLabels: {test: %s}}, %s, pressure: {memory: {full: 10}}}"
                .formatted(fixture.id, PIDS),
            256));
  }

  /// The tokens that the kubelet has received by the time it was asked for both paths twice.
  private static Set<String> tokens(SimulatedKubelet kubelet) {
    int configz = kubelet.seen().requests(CONFIGZ);
    int summary = kubelet.seen().requests(SUMMARY);
    eventually(
        () -> {
          assertThat(kubelet.seen().requests(CONFIGZ)).isGreaterThan(configz + 1);
          assertThat(kubelet.seen().requests(SUMMARY)).isGreaterThan(summary + 1);
        });
    return kubelet.seen().tokens();
  }

  private String user(String token) {
    var review = new TokenReviewBuilder().withNewSpec().withToken(token).endSpec().build();
    return admin.resource(review).create().getStatus().getUser().getUsername();
  }

  @Test
  void theOperatorsOwnTokenNeverReachesAKubelet() throws IOException {
    var kubelets = List.of(kubelet("a"), kubelet("b"));
    policy();
    var seen = new HashSet<String>();
    for (int start = 1; start <= 2; start++) {
      try (var process = operator.start()) {
        for (var kubelet : kubelets) {
          seen.addAll(tokens(kubelet));
        }
        assertThat(seen).as("one of each operator, for all kubelets").hasSize(start);
        for (var token : seen) {
          assertThat(process.log()).doesNotContain(token);
        }
      }
    }
    assertThat(user(own().getAutoOAuthToken())).isEqualTo(LocalCluster.OPERATOR_USER);
    for (var token : seen) {
      assertThat(user(token)).isEqualTo(LocalCluster.KUBELET_READER_USER);
      var claims = claims(token);
      assertThat(claims.get("exp").asLong() - claims.get("iat").asLong()).isEqualTo(600);
    }
  }

  private static JsonNode claims(String token) throws IOException {
    var claims = Base64.getUrlDecoder().decode(token.split("\\.")[1]);
    return new ObjectMapper().readTree(new String(claims, UTF_8));
  }

  /// In comparison with an account to which nothing is bound.
  @ParameterizedTest
  @ValueSource(strings = {"default", "kube-system", NAMESPACE})
  void itPermitsNothingButReadingKubelets(String namespace) {
    var reader = grants(tokenOf("cgroup-policy-kubelet-reader"), namespace);
    var nobody = grants(tokenOf("default"), namespace);
    assertThat(reader).containsAll(nobody);
    reader.removeAll(nobody);
    assertThat(reader).containsExactly("get nodes/configz", "get nodes/stats");
  }

  private String tokenOf(String account) {
    return admin
        .serviceAccounts()
        .inNamespace(NAMESPACE)
        .withName(account)
        .tokenRequest(new TokenRequest())
        .getStatus()
        .getToken();
  }

  private static Set<String> grants(String token, String namespace) {
    var review =
        new SelfSubjectRulesReviewBuilder()
            .withNewSpec()
            .withNamespace(namespace)
            .endSpec()
            .build();
    var as = new ConfigBuilder(own()).withOauthToken(token).build();
    try (var client = new KubernetesClientBuilder().withConfig(as).build()) {
      var status = client.resource(review).create().getStatus();
      assertThat(status.getIncomplete()).isFalse();
      var grants = new TreeSet<String>();
      for (ResourceRule rule : status.getResourceRules()) {
        for (var verb : rule.getVerbs()) {
          rule.getResources().forEach(resource -> grants.add(verb + " " + resource));
        }
      }
      for (var rule : status.getNonResourceRules()) {
        for (var verb : rule.getVerbs()) {
          rule.getNonResourceURLs().forEach(url -> grants.add(verb + " " + url));
        }
      }
      return grants;
    }
  }

  /// A kubelet is not asked without a token, and everything else works.
  @Test
  void withoutThePermissionToCreateItNodesAreUnknownUntilItIsGranted() {
    var binding =
        admin
            .rbac()
            .roleBindings()
            .inNamespace(NAMESPACE)
            .withName("cgroup-policy-operator-kubelet-token");
    var shipped = binding.get();
    binding.delete();
    var namespace = fixture.namespace("a");
    var kubelet = kubelet("a");
    policy();
    try (var process = operator.start()) {
      try {
        eventually(
            () ->
                assertThat(violations(fixture, "p"))
                    .containsExactlyInAnyOrder(
                        "KubeletUnauthorized a: the kubelet's configuration | TokenUnavailable",
                        "PressureUnavailable a: pressure figures | TokenUnavailable"));
        assertThat(fixture.get("p").getStatus().violations())
            .allSatisfy(
                violation ->
                    assertThat(violation.message())
                        .contains("cannot get a token of ServiceAccount")
                        .contains("cannot create resource \"serviceaccounts/token\"")
                        .contains("apply the shipped roles"));
        eventually(
            () -> {
              assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
              assertThat(fixture.status("p", "NamespacesCompliant")).isEqualTo("True Compliant");
            });
        assertThat(fixture.quota(namespace)).isNotNull();
        assertThat(kubelet.seen().connections()).isZero();
      } finally {
        shipped.getMetadata().setResourceVersion(null);
        shipped.getMetadata().setUid(null);
        admin.resource(shipped).create();
      }
      within(
          Duration.ofSeconds(60),
          () -> {
            assertThat(nodes(fixture, "p"))
                .isEqualTo("1 selected: 1 compliant, 0 drifted, 0 unknown; True Compliant");
            assertThat(fixture.status("p", "PressureNormal")).isEqualTo("True Normal");
          });
    }
  }
}
