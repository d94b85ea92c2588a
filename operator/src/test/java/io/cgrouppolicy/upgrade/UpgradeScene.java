package io.cgrouppolicy.upgrade;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.OperatorModule;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.KubeletFleet;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/// Namespaces, workloads, nodes and policies whose names start with `upgrade-`, and what an
/// operator makes of them. The same for each version of the operator, so that states are
/// comparable.
final class UpgradeScene implements AutoCloseable {
  static final Path RESOURCES = OperatorModule.TEST_RESOURCES.resolve("upgrade");
  static final String PREFIX = "upgrade-";
  private static final String README = "README.txt";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubernetesClient admin;
  private final KubeletFleet fleet;

  /// Creates everything but the policies.
  UpgradeScene(KubernetesClient admin) {
    this.admin = admin;
    fleet = KubeletFleet.start(admin);
    var labels = Map.of("upgrade", "nodes");
    fleet.node(PREFIX + "0").labels(labels).hardened().start();
    fleet.node(PREFIX + "1").labels(labels).defaults().underPressure().start();
    fleet.node(PREFIX + "2").labels(labels).behave(Behaviour.STATUS_500).start();
    for (var object : read(RESOURCES.resolve("cluster.yaml"))) {
      if (!object.getKind().equals("Namespace")) {
        awaitPodsAllowed(object.getMetadata().getNamespace());
      }
      admin.resource(object).create();
    }
    Fixture.eventually(
        () -> {
          if (admin.pods().inNamespace("upgrade-audited").list().getItems().size() < 2) {
            throw new AssertionError("the Deployment has no pods yet");
          }
        });
  }

  private void awaitPodsAllowed(String namespace) {
    Fixture.eventually(
        () -> {
          if (admin.serviceAccounts().inNamespace(namespace).withName("default").get() == null) {
            throw new AssertionError("no ServiceAccount in " + namespace);
          }
        });
  }

  static List<GenericKubernetesResource> read(Path file) {
    try {
      return Stream.of(Files.readString(file).split("(?m)^---$"))
          .map(yaml -> Serialization.unmarshal(yaml, GenericKubernetesResource.class))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<GenericKubernetesResource> policies() {
    return read(RESOURCES.resolve("policies.yaml"));
  }

  /// Applies the policies as an administrator.
  void applyPolicies() {
    policies().forEach(this::apply);
  }

  void apply(GenericKubernetesResource policy) {
    admin.resource(policy).fieldManager("kubectl").forceConflicts().serverSideApply();
  }

  /// What operators need to know about the scene, and short periods.
  Map<String, String> settings() {
    return Map.of(
        "CGROUP_POLICY_KUBELET_CA_FILE", fleet.caFile().toString(),
        "CGROUP_POLICY_KUBELET_INTERVAL", "3S",
        "CGROUP_POLICY_PRESSURE_INTERVAL", "3S",
        "CGROUP_POLICY_LEADER_ELECTION_RETRY_PERIOD", "1S");
  }

  /// The statuses of the policies, by name, in a form that is the same after each start.
  SortedMap<String, JsonNode> statuses() {
    var statuses = new TreeMap<String, JsonNode>();
    for (var policy : stored("/apis/cgroup-policy.io/v1alpha1/cgrouppolicies")) {
      statuses.put(policy.at("/metadata/name").asText(), comparable(policy.path("status")));
    }
    return statuses;
  }

  /// Without the addresses of the simulated kubelets, nor the times of conditions about nodes: a
  /// kubelet that answers late after a start is Unknown first.
  static JsonNode comparable(JsonNode status) {
    try {
      var comparable =
          JSON.readTree(status.toString().replaceAll("127(\\.[0-9]+){3}(:[0-9]+)?", "ADDRESS"));
      if (comparable.has("nodes")) {
        comparable
            .path("conditions")
            .forEach(condition -> ((ObjectNode) condition).remove("lastTransitionTime"));
      }
      return comparable;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Waits until each policy is evaluated and its status stays as it is.
  SortedMap<String, JsonNode> settled() {
    var last = new TreeMap<String, JsonNode>();
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(250))
        .during(Duration.ofSeconds(4))
        .until(
            () -> {
              var now = statuses();
              boolean same =
                  now.equals(last) && now.values().stream().allMatch(UpgradeScene::judged);
              last.clear();
              last.putAll(now);
              return same;
            });
    return last;
  }

  private static boolean judged(JsonNode status) {
    return status.has("conditions")
        && status.at("/namespaces/pending").asInt() == 0
        && !status.path("conditions").toString().contains("\"Observing\"");
  }

  /// The operator's objects with what it writes of them, by kind, namespace and name.
  SortedMap<String, JsonNode> children() {
    var children = new TreeMap<String, JsonNode>();
    for (var object : childObjects()) {
      var metadata = (ObjectNode) object.get("metadata");
      var key =
          "%s %s/%s"
              .formatted(
                  object.path("kind").asText(),
                  metadata.path("namespace").asText(),
                  metadata.path("name").asText());
      var ours = JSON.createObjectNode();
      for (var field : List.of("uid", "labels", "annotations", "ownerReferences")) {
        ours.set(field, metadata.get(field));
      }
      ours.set("spec", object.get("spec"));
      ours.set("data", object.get("data"));
      if (ours.get("data") instanceof ObjectNode data && data.has(README)) {
        data.put(README, "for people, so that a release may word it better");
      }
      children.put(key, ours);
    }
    return children;
  }

  /// As the API server has them.
  List<ObjectNode> childObjects() {
    return Stream.of(
            stored("/api/v1/limitranges").stream().map(o -> o.put("kind", "LimitRange")),
            stored("/api/v1/resourcequotas").stream().map(o -> o.put("kind", "ResourceQuota")),
            stored("/api/v1/namespaces/cgroup-policy-system/configmaps").stream()
                .map(o -> o.put("kind", "ConfigMap")))
        .flatMap(objects -> objects)
        .map(object -> object.put("apiVersion", "v1"))
        .toList();
  }

  List<ObjectNode> policyObjects() {
    return stored("/apis/cgroup-policy.io/v1alpha1/cgrouppolicies");
  }

  private List<ObjectNode> stored(String path) {
    try {
      return JSON.readTree(admin.raw(path))
          .path("items")
          .valueStream()
          .map(ObjectNode.class::cast)
          .filter(
              object ->
                  object.at("/metadata/namespace").asText().startsWith(PREFIX)
                      || object.at("/metadata/name").asText().contains(PREFIX))
          .toList();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  KubernetesClient admin() {
    return admin;
  }

  @Override
  public void close() {
    policies().forEach(policy -> admin.resource(policy).delete());
    for (var object : read(RESOURCES.resolve("cluster.yaml"))) {
      admin.resource(object).withGracePeriod(0).delete();
    }
    fleet.close();
  }

  /// Changes a policy and waits for its objects.
  void assertWorks(String memory) {
    var policy =
        policies().stream()
            .filter(candidate -> candidate.getMetadata().getName().equals("upgrade-enforce"))
            .findFirst()
            .orElseThrow();
    var changed = Serialization.asYaml(policy).replace("256Mi", memory);
    apply(Serialization.unmarshal(changed, GenericKubernetesResource.class));
    eventually(
        () ->
            assertThat(children().get("LimitRange upgrade-enforced/cgroup-policy").toString())
                .contains(memory));
  }
}
