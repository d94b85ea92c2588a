package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.NamespaceOwner;
import io.cgrouppolicy.testing.Policies;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What an owner of a namespace can make the operator do with objects in it: nothing outside of it.
/// The user `owner` has the role `admin` in that namespace, and where a test says so, more.
class HostileOwnerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @RegisterExtension final Fixture fixture = new Fixture();

  private final NamespaceOwner user = new NamespaceOwner(fixture);
  private final KubernetesClient owner = user.client();

  @BeforeEach
  void startOperator() {
    SharedOperator.get();
  }

  @AfterEach
  void closeClient() {
    user.close();
  }

  private String owned(Map<String, String> labels) {
    var namespace = fixture.namespace("a", labels);
    user.grant(namespace, "admin");
    return namespace;
  }

  private String owned() {
    return owned(Map.of("test", fixture.id));
  }

  private static void assertForbidden(ThrowingCallable request) {
    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(request)
        .satisfies(e -> assertThat(e.getCode()).isEqualTo(403))
        .withMessageContaining("User \"owner\" cannot ");
  }

  /// What the owner of one namespace has no permission for in any case.
  private void assertOthersAreOutOfReach(String victim) {
    var policy = fixture.get("p");
    assertForbidden(() -> owner.resource(policy).delete());
    assertForbidden(
        () -> owner.resource(Policies.policy(fixture.id + "-own", Policies.BASELINE)).create());
    for (var object :
        List.of(
            fixture.limitRange(victim),
            fixture.quota(victim),
            fixture.client.namespaces().withName(victim).get())) {
      assertForbidden(() -> edit(object, metadata -> metadata.setLabels(Map.of("x", "y"))));
      assertForbidden(() -> owner.resource(object).delete());
    }
  }

  @Test
  void theRoleAdminAloneLeavesTheObjectsAlone() {
    var mine = owned();
    var victim = fixture.namespace("victim");
    protect(mine, victim);
    assertOthersAreOutOfReach(victim);
    for (var object :
        List.of(
            fixture.limitRange(mine),
            fixture.quota(mine),
            fixture.client.namespaces().withName(mine).get())) {
      assertForbidden(() -> patch(object, "{\"metadata\": {\"labels\": {\"x\": \"y\"}}}"));
      assertForbidden(() -> patch(object, "{\"metadata\": {\"annotations\": {\"x\": \"y\"}}}"));
    }
    assertForbidden(() -> owner.resource(fixture.limitRange(mine)).delete());
    assertForbidden(() -> owner.resource(fixture.quota(mine)).delete());
  }

  private void patch(HasMetadata object, String change) {
    owner.resource(object).patch(PatchContext.of(PatchType.JSON_MERGE), change);
  }

  private void protect(String... namespaces) {
    fixture.policy("p", "mode: Enforce", 256);
    eventually(
        () -> {
          for (var namespace : namespaces) {
            assertThat(fixture.quota(namespace)).isNotNull();
          }
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
        });
  }

  /// By the owner.
  private void edit(HasMetadata object, Consumer<ObjectMeta> change) {
    assertThat(object).isNotNull();
    owner
        .resource(object)
        .edit(
            stored -> {
              change.accept(stored.getMetadata());
              return stored;
            });
  }

  @Test
  @EmbeddedCluster("audit log")
  void editsOfTheObjectsAreRevertedAndReachNothingElse() {
    var mine = owned();
    var victim = fixture.namespace("victim");
    protect(mine, victim);
    user.grantMore(mine);
    assertOthersAreOutOfReach(victim);
    var policy = fixture.get("p").getMetadata();
    int before = LocalCluster.get().operatorWrites().size();
    var edits =
        List.<Consumer<ObjectMeta>>of(
            metadata -> metadata.getLabels().put(Child.POLICY, fixture.id + "-other"),
            metadata -> metadata.getLabels().put(Child.POLICY, "kube-system.victim_x"),
            metadata -> metadata.getLabels().put(Child.MANAGED_BY, "someone"),
            metadata -> metadata.setLabels(Map.of("x", victim)),
            metadata -> metadata.setOwnerReferences(List.of()),
            metadata ->
                metadata.setOwnerReferences(
                    List.of(
                        new OwnerReferenceBuilder()
                            .withApiVersion("cgroup-policy.io/v1alpha1")
                            .withKind("CgroupPolicy")
                            .withName(victim)
                            .withUid(policy.getUid() + "-x")
                            .build())),
            metadata ->
                metadata.setAnnotations(
                    Map.of(
                        "cgroup-policy.io/description",
                        "\u001b[2J\n{\"level\":\"ERROR\"}" + "x".repeat(200_000),
                        "cgroup-policy.io/list-rejections",
                        "kubectl delete namespace " + victim)),
            metadata -> metadata.setFinalizers(List.of("example.com/never")));
    for (var change : edits) { // the garbage collector deletes an object whose owner is made up
      eventually(
          () -> assertThatNoException().isThrownBy(() -> edit(fixture.limitRange(mine), change)));
      eventually(() -> assertThatNoException().isThrownBy(() -> edit(fixture.quota(mine), change)));
    }
    within(
        PATIENCE,
        () -> {
          for (var object : List.of(fixture.limitRange(mine), fixture.quota(mine))) {
            var metadata = object.getMetadata();
            assertThat(metadata.getLabels()).containsAllEntriesOf(Child.labels(policy.getName()));
            assertThat(metadata.getOwnerReferences())
                .containsExactly(Child.owner(policy.getName(), policy.getUid()));
            assertThat(metadata.getAnnotations().toString()).doesNotContain("delete", "ERROR");
          }
        });
    edit(
        fixture.client.namespaces().withName(mine).get(),
        metadata -> {
          metadata.setLabels(new TreeMap<>(Child.labels(policy.getName())));
          metadata.setAnnotations(Map.of("cgroup-policy.io/description", victim));
        });
    eventually(
        () ->
            assertThat(fixture.limitRange(mine).getMetadata().getDeletionTimestamp()).isNotNull());
    for (var object : List.of(fixture.limitRange(mine), fixture.quota(mine))) {
      edit(object, metadata -> metadata.setFinalizers(List.of()));
    }
    eventually(() -> assertThat(fixture.quota(mine)).isNull());
    assertThat(LocalCluster.get().operatorWrites().stream().skip(before))
        .isNotEmpty()
        .allMatch(write -> concerns(write, mine, policy.getName()), "concerns only " + mine);
    assertThat(fixture.memory(victim)).isEqualTo("256Mi");
  }

  private static boolean concerns(String write, String namespace, String policy) {
    return write.matches(
        ("(create|patch|delete) (/api/v1/namespaces/%1$s/(limitranges|resourcequotas)[/?].*"
                + "|/apis/events.k8s.io/v1/namespaces/(%1$s|default)/events[?]?.*"
                + "|/apis/cgroup-policy.io/v1alpha1/cgrouppolicies/%2$s/status[?].*)")
            .formatted(namespace, policy));
  }

  /// An object that claims to be the operator's makes it delete that object, in that namespace.
  @Test
  @EmbeddedCluster("audit log")
  void objectsThatClaimToBeOursReachNothingElse() {
    var mine = owned(Map.of());
    var victim = fixture.namespace("victim");
    protect(victim);
    user.grantMore(mine);
    int before = LocalCluster.get().operatorWrites().size();
    fixture.foreignLimitRange(mine, "cgroup-policy");
    eventually(
        () -> assertThatNoException().isThrownBy(() -> edit(fixture.limitRange(mine), m -> {})));
    edit(
        fixture.limitRange(mine),
        metadata -> metadata.setLabels(new TreeMap<>(Child.labels(fixture.id + "-p"))));
    eventually(() -> assertThat(fixture.limitRange(mine)).isNull());
    assertThat(LocalCluster.get().operatorWrites().stream().skip(before))
        .isNotEmpty()
        .allMatch(
            write -> concerns(write, mine, fixture.id + "-p"), "concerns only namespace " + mine);
    assertThat(fixture.memory(victim)).isEqualTo("256Mi");
  }

  /// The API server accepts what the client's JSON parser would refuse. One such object would end
  /// the watch on all of its kind.
  @Test
  void noPodBlindsTheOperator() throws IOException {
    var mine = owned();
    fixture.applySpec(
        "p",
        "namespaces: {selector: {matchLabels: {test: %s}}}\nworkloads: {requireLimits: [memory]}"
            .formatted(fixture.id));
    var workloads = new Workloads(fixture, mine);
    workloads.pod("before", Workloads.LIMITED);
    eventually(() -> assertThat(pods()).isEqualTo(1));
    kubectl(mine, "--as=owner", "create", "--filename", withLongName());
    kubectl(
        mine,
        "--as=owner",
        "patch",
        "pod",
        "before",
        "--type=merge",
        "--patch-file",
        withDeepFields());
    workloads.pod("after", Workloads.LIMITED);
    within(PATIENCE, () -> assertThat(pods()).isEqualTo(3));
    SharedOperator.stop();
    var restarted = SharedOperator.get();
    workloads.pod("later", Workloads.LIMITED);
    within(PATIENCE, () -> assertThat(pods()).isEqualTo(4));
    assertThat(restarted.alive()).isTrue();
  }

  private int pods() {
    fixture.condition("p", "Ready");
    return fixture.get("p").getStatus().workloads().pods();
  }

  /// The name becomes a key of the managed fields.
  private static String withLongName() {
    return """
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "long"}, "spec": {"containers":
      [{"name": "app", "image": "image", "env": [{"name": "%s", "value": "x"}],
      "resources": {"limits": {"memory": "64Mi"}}}]}}
    """
        .formatted("E".repeat(60_000));
  }

  /// Managed fields of 1,200 levels, which a user can send.
  private static String withDeepFields() {
    return """
    {"metadata": {"managedFields": [{"manager": "m", "operation": "Update", "apiVersion": "v1",
      "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": %s}]}}
    """
        .formatted("{\"f:a\":".repeat(1_200) + "{}" + "}".repeat(1_200));
  }

  /// This JVM's client has the limits that the operator's must not have.
  ///
  /// @param arguments the last one is the content of a file
  private static void kubectl(String namespace, String... arguments) throws IOException {
    var file = Files.createTempFile("hostile", ".json");
    try {
      var all = new ArrayList<>(List.of("-n", namespace));
      all.addAll(List.of(arguments));
      Files.writeString(file, all.removeLast());
      all.add(file.toString());
      Kubectl.run(all.toArray(String[]::new));
    } finally {
      Files.delete(file);
    }
  }

  /// A policy that is nested as deeply as the API server allows is invalid, and does not hide the
  /// others.
  @Test
  void noPolicyBlindsTheOperator() throws IOException {
    var mine = fixture.namespace("a");
    var levels = 5_000;
    var name = fixture.id + "-deep";
    kubectl(
        mine,
        "create",
        "--filename",
        """
        {"apiVersion": "cgroup-policy.io/v1alpha1", "kind": "CgroupPolicy", "metadata": {"name": "%s"},
          "spec": {"nodes": {"selector": {}, "kubelet": {"config": %s}}}}
        """
            .formatted(name, "{\"a\":".repeat(levels) + "{}" + "}".repeat(levels)));
    try {
      protect(mine);
      eventually(
          () ->
              assertThat(
                      Kubectl.run(
                          "get",
                          "cgrouppolicy",
                          name,
                          "-o",
                          "jsonpath={.status.conditions[?(@.type=='Ready')].message}"))
                  .isEqualTo("spec.nodes.kubelet.config: must have at most 32 levels"));
    } finally {
      Kubectl.run("delete", "cgrouppolicy", name);
    }
  }
}
