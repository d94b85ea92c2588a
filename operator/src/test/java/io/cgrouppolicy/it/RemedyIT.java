package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The remedy for nodes, published as a ConfigMap in the operator's namespace.
class RemedyIT {
  private static final String SLICES =
      "enforceNodeAllocatable: [pods, kube-reserved], kubeReserved: {memory: 1Gi},"
          + " kubeReservedCgroup: /kube.slice, cgroupDriver: systemd, ";

  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeEach
  void startOperator() {
    SharedOperator.get();
  }

  @AfterEach
  void removeForeign() {
    stored().delete();
  }

  private Resource<ConfigMap> stored() {
    return fixture
        .client
        .configMaps()
        .inNamespace("cgroup-policy-system")
        .withName("cgroup-policy-remedy-" + fixture.id + "-p");
  }

  private void policy(String remedy, String kubelet) {
    fixture.applySpec(
        "p",
        """
        nodes: {selector: {matchLabels: {test: %s}}, remedy: %s, kubelet: {%s}}
        """
            .formatted(fixture.id, remedy, kubelet));
  }

  private void published(String... words) {
    eventually(
        () -> {
          var object = stored().get(); // absent between deletion and creation
          assertThat(object).isNotNull();
          assertThat(object.getData().get("90-cgroup-policy.conf"))
              .contains("kind: \"KubeletConfiguration\"")
              .contains(words);
        });
  }

  @Test
  void isPublishedAndFollowsThePolicy() {
    policy("Publish", SLICES + "podPidsLimit: 4096");
    published("podPidsLimit: 4096", "kubeReservedCgroup: \"/kube.slice\"");
    var object = stored().get();
    assertThat(object.getData())
        .containsOnlyKeys("90-cgroup-policy.conf", "kube.slice", "README.txt");
    assertThat(object.getMetadata().getLabels())
        .containsEntry("app.kubernetes.io/managed-by", "cgroup-policy-operator")
        .containsEntry("cgroup-policy.io/policy", fixture.id + "-p");
    assertThat(object.getMetadata().getOwnerReferences())
        .singleElement()
        .satisfies(
            owner -> assertThat(owner.getUid()).isEqualTo(fixture.get("p").getMetadata().getUid()));

    policy("Publish", "podPidsLimit: 1024");
    published("podPidsLimit: 1024");
    assertThat(stored().get().getData())
        .as("no slice is needed any more")
        .containsOnlyKeys("90-cgroup-policy.conf", "README.txt");
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited"));
  }

  @Test
  void isRemovedWithNoneAndWithThePolicy() {
    policy("Publish", "podPidsLimit: 4096");
    published("podPidsLimit: 4096");
    policy("None", "podPidsLimit: 4096");
    eventually(() -> assertThat(stored().get()).isNull());
    policy("Publish", "podPidsLimit: 4096");
    published("podPidsLimit: 4096");
    fixture.delete("p");
    eventually(() -> assertThat(stored().get()).as("garbage collected").isNull());
    policy("Publish", "podPidsLimit: 512");
    published("podPidsLimit: 512");
    assertThat(stored().get().getMetadata().getOwnerReferences().getFirst().getUid())
        .as("a policy of the same name is another")
        .isEqualTo(fixture.get("p").getMetadata().getUid());
  }

  /// Checks again after some minutes, and whenever the remedy changes.
  @Test
  void changesByOtherClientsAreReverted() {
    policy("Publish", "podPidsLimit: 4096");
    published("podPidsLimit: 4096");
    stored().edit(map -> map.edit().addToData("90-cgroup-policy.conf", "nothing").build());
    stored().edit(map -> map.edit().addToData("91-of-another.conf", "x").build());
    policy("Publish", "podPidsLimit: 1024");
    published("podPidsLimit: 1024");
    assertThat(stored().get().getData()).containsOnlyKeys("90-cgroup-policy.conf", "README.txt");

    stored().edit(map -> map.edit().editMetadata().withLabels(Map.of()).endMetadata().build());
    policy("Publish", "podPidsLimit: 512");
    published("podPidsLimit: 512");
    assertThat(stored().get().getMetadata().getLabels()).hasSize(2);

    stored().delete();
    policy("Publish", "podPidsLimit: 256");
    published("podPidsLimit: 256");
  }

  @Test
  void aConfigMapOfAnotherOwnerStaysAndIsReported() {
    var theirs =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("cgroup-policy-remedy-" + fixture.id + "-p")
            .withNamespace("cgroup-policy-system")
            .endMetadata()
            .withData(Map.of("key", "value"))
            .build();
    fixture.client.resource(theirs).create();
    policy("Publish", "podPidsLimit: 4096");
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("False RemedyConflict"));
    assertThat(stored().get().getData()).isEqualTo(Map.of("key", "value"));
    policy("None", "podPidsLimit: 4096");
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited"));
    assertThat(stored().get().getData()).isEqualTo(Map.of("key", "value"));
    policy("Publish", "podPidsLimit: 4096");
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("False RemedyConflict"));
    stored().delete();
    published("podPidsLimit: 4096");
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited"));
  }

  @Test
  void withoutThePermissionItIsReportedUntilGranted() {
    var role =
        fixture
            .client
            .rbac()
            .roles()
            .inNamespace("cgroup-policy-system")
            .withName("cgroup-policy-operator-remedy");
    var shipped = role.get().getRules();
    role.edit(r -> r.edit().editFirstRule().withVerbs("get").endRule().build());
    try {
      policy("Publish", "podPidsLimit: 4096");
      eventually(
          () -> {
            assertThat(fixture.status("p", "Ready")).isEqualTo("False Forbidden");
            assertThat(fixture.condition("p", "Ready").getMessage())
                .contains("cgroup-policy-system/cgroup-policy-remedy-" + fixture.id + "-p")
                .contains("cannot patch resource \"configmaps\"");
          });
    } finally {
      role.edit(r -> r.edit().withRules(shipped).build());
    }
    published("podPidsLimit: 4096");
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited"));
  }
}
