package io.cgrouppolicy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the operator may do with its shipped role, by the API server's own authorizer: every
/// resource that the server knows, with every verb.
class IdentityIT {
  private static final String OWN = "cgroup-policy-system";

  /// Everything that the shipped role permits in all namespaces, as `VERB GROUP/RESOURCE`.
  private static final List<String> EVERYWHERE =
      permissions(
          "get list watch cgroup-policy.io/cgrouppolicies",
          "patch cgroup-policy.io/cgrouppolicies/status",
          "list watch /namespaces",
          "list watch create patch delete /limitranges",
          "list watch create patch delete /resourcequotas",
          "list watch /nodes",
          "list watch /pods",
          "list watch /persistentvolumeclaims",
          "list watch apps/statefulsets",
          "get apps/replicasets",
          "get apps/deployments",
          "get batch/jobs",
          "create events.k8s.io/events",
          "list watch /events",
          "create authentication.k8s.io/tokenreviews",
          "create authorization.k8s.io/subjectaccessreviews");

  /// What it permits in the operator's own namespace only.
  private static final List<String> IN_OWN_NAMESPACE =
      permissions(
          "get create update patch coordination.k8s.io/leases",
          "get create patch delete /configmaps");

  /// What every ServiceAccount may do: `system:basic-user` and others.
  private static final List<String> BY_DEFAULT =
      permissions(
          "create authentication.k8s.io/selfsubjectreviews",
          "create authorization.k8s.io/selfsubjectaccessreviews",
          "create authorization.k8s.io/selfsubjectrulesreviews");

  private static final List<String> VERBS =
      List.of(
          "get",
          "list",
          "watch",
          "create",
          "update",
          "patch",
          "delete",
          "deletecollection",
          "impersonate",
          "bind",
          "escalate",
          "approve",
          "sign",
          "use",
          "attest",
          "*");

  /// Resources that only authorization knows.
  private static final List<String> VIRTUAL =
      List.of(
          "/*",
          "*/*",
          "/nodes/configz",
          "/nodes/stats",
          "/nodes/metrics",
          "/nodes/log",
          "/nodes/spec",
          "/nodes/pods",
          "/nodes/healthz",
          "/nodes/checkpoint",
          "/nodes/proxy",
          "/users",
          "/groups",
          "authentication.k8s.io/uids",
          "authentication.k8s.io/userextras/scopes",
          "certificates.k8s.io/signers");

  private static final KubernetesClient OPERATOR =
      new KubernetesClientBuilder()
          .withConfig(Config.fromKubeconfig(LocalCluster.get().operatorKubeconfig().toFile()))
          .build();

  @RegisterExtension final Fixture fixture = new Fixture();

  @AfterAll
  static void close() {
    OPERATOR.close();
  }

  private static List<String> permissions(String... lines) {
    return Stream.of(lines)
        .flatMap(
            line -> {
              var words = List.of(line.split(" "));
              return words.subList(0, words.size() - 1).stream()
                  .map(verb -> verb + " " + words.getLast());
            })
        .toList();
  }

  @Test
  void theShippedRolePermitsThisAndNothingElse() throws IOException {
    var resources = resources();
    assertThat(resources)
        .contains("/secrets", "/pods/exec", "/serviceaccounts/token", "apps/daemonsets")
        .hasSizeGreaterThan(100);
    assertThat(allowed(resources, "elsewhere"))
        .containsExactlyInAnyOrderElementsOf(all(EVERYWHERE, BY_DEFAULT));
    assertThat(allowed(resources, OWN))
        .containsExactlyInAnyOrderElementsOf(all(EVERYWHERE, BY_DEFAULT, IN_OWN_NAMESPACE));
    assertThat(allowed(resources, null))
        .containsExactlyInAnyOrderElementsOf(all(EVERYWHERE, BY_DEFAULT));
  }

  @Test
  void noUrlBesidesDiscoveryIsOpen() {
    for (var path : List.of("/metrics", "/logs", "/debug/pprof", "/configz", "/flagz", "/*")) {
      assertThat(
              isAllowed(
                  new SelfSubjectAccessReviewBuilder()
                      .withNewSpec()
                      .withNewNonResourceAttributes(path, "get")
                      .endSpec()))
          .as(path)
          .isFalse();
    }
  }

  /// Some of it as real requests.
  @Test
  void theApiServerRefuses() {
    var namespace = fixture.namespace("a");
    fixture.awaitPodsAllowed(namespace);
    refused(() -> OPERATOR.secrets().inNamespace(OWN).list());
    refused(() -> OPERATOR.secrets().inNamespace(namespace).withName("x").get());
    refused(
        () ->
            OPERATOR
                .namespaces()
                .withName(namespace)
                .edit(n -> n.edit().editMetadata().addToLabels("a", "b").endMetadata().build()));
    refused(() -> OPERATOR.namespaces().withName(namespace).delete());
    refused(() -> OPERATOR.pods().inNamespace(namespace).withName("x").delete());
    refused(
        () ->
            OPERATOR
                .configMaps()
                .inNamespace(namespace)
                .resource(
                    new ConfigMapBuilder().withNewMetadata().withName("x").endMetadata().build())
                .create());
    for (var path :
        List.of(
            "/api/v1/namespaces/" + OWN + "/serviceaccounts/cgroup-policy-operator/token",
            "/api/v1/namespaces/" + namespace + "/serviceaccounts/default/token",
            "/api/v1/namespaces/"
                + namespace
                + "/serviceaccounts/cgroup-policy-kubelet-reader/token",
            "/api/v1/namespaces/kube-system/serviceaccounts/default/token")) {
      refused(() -> OPERATOR.raw(path, "POST", new TokenRequest()));
    }
    refused(() -> OPERATOR.raw("/api/v1/nodes/x/proxy/configz"));
    refused(() -> OPERATOR.raw("/api/v1/namespaces/" + namespace + "/pods/x/exec?command=id"));
    refused(() -> OPERATOR.raw("/api/v1/namespaces/" + namespace + "/pods/x/log"));
  }

  private static void refused(ThrowingCallable request) {
    assertThatThrownBy(request)
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(403));
  }

  @SafeVarargs
  private static List<String> all(List<String>... lists) {
    return Stream.of(lists).flatMap(List::stream).toList();
  }

  private static List<String> allowed(TreeSet<String> resources, String namespace) {
    var allowed = new ArrayList<String>();
    for (var resource : resources) {
      int slash = resource.indexOf('/');
      var parts = resource.substring(slash + 1).split("/", 2);
      for (var verb : VERBS) {
        if (isAllowed(
            new SelfSubjectAccessReviewBuilder()
                .withNewSpec()
                .withNewResourceAttributes()
                .withNamespace(namespace)
                .withGroup(resource.substring(0, slash))
                .withResource(parts[0])
                .withSubresource(parts.length == 2 ? parts[1] : null)
                .withVerb(verb)
                .endResourceAttributes()
                .endSpec())) {
          allowed.add(verb + " " + resource);
        }
      }
    }
    return allowed;
  }

  private static boolean isAllowed(SelfSubjectAccessReviewBuilder review) {
    return OPERATOR.resource(review.build()).create().getStatus().getAllowed();
  }

  /// All resources with their subresources, of all versions, as `GROUP/RESOURCE`.
  private static TreeSet<String> resources() throws IOException {
    var resources = new TreeSet<>(VIRTUAL);
    add(resources, "", get("/api/v1"));
    for (var group : get("/apis").path("groups")) {
      for (var version : group.path("versions")) {
        add(
            resources,
            group.path("name").asText(),
            get("/apis/" + version.path("groupVersion").asText()));
      }
    }
    return resources;
  }

  private static void add(TreeSet<String> resources, String group, JsonNode list) {
    for (var resource : list.path("resources")) {
      resources.add(group + "/" + resource.path("name").asText());
    }
  }

  private static JsonNode get(String path) throws IOException {
    return new ObjectMapper().readTree(LocalCluster.get().admin().raw(path));
  }
}
