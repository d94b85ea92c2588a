package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Namespaces get their objects when a policy selects them, and lose them when it no longer does.
class ProtectionIT {
  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void protectsExistingAndNewNamespaces() {
    var early = fixture.namespace("early");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    var late = fixture.namespace("late");
    eventually(() -> assertThat(fixture.quota(late)).isNotNull());

    for (var namespace : new String[] {early, late}) {
      var limitRange = fixture.limitRange(namespace).getMetadata();
      var quota = fixture.quota(namespace).getMetadata();
      assertThat(Long.parseLong(limitRange.getResourceVersion()))
          .as("LimitRange first")
          .isLessThan(Long.parseLong(quota.getResourceVersion()));
      assertThat(limitRange.getLabels())
          .containsEntry("app.kubernetes.io/managed-by", "cgroup-policy-operator")
          .containsEntry("cgroup-policy.io/policy", fixture.id + "-p");
      assertThat(limitRange.getOwnerReferences())
          .singleElement()
          .satisfies(
              o -> assertThat(o.getUid()).isEqualTo(fixture.get("p").getMetadata().getUid()));
    }
    eventually(
        () ->
            assertThat(fixture.client.serviceAccounts().inNamespace(late).withName("default").get())
                .isNotNull());
    var pod =
        fixture
            .client
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withName("bare")
                    .withNamespace(late)
                    .endMetadata()
                    .withNewSpec()
                    .addNewContainer()
                    .withName("app")
                    .withImage("none")
                    .endContainer()
                    .endSpec()
                    .build())
            .create();
    var resources = pod.getSpec().getContainers().getFirst().getResources();
    assertThat(resources.getLimits()).containsEntry("memory", new Quantity("256Mi"));
    assertThat(resources.getRequests()).containsEntry("cpu", new Quantity("100m"));
    eventually(
        () -> assertThat(fixture.get("p").getStatus().namespaces().summary()).isEqualTo("2/2"));
  }

  @Test
  void removesObjectsFromNamespacesThatNoLongerMatch() {
    var relabelled = fixture.namespace("relabelled");
    var stays = fixture.namespace("stays");
    var excluded = fixture.namespace("excluded");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    assertThat(fixture.limitRange(excluded)).isNull();

    fixture.relabel(relabelled, "none");
    eventually(
        () -> {
          assertThat(fixture.limitRange(relabelled)).isNull();
          assertThat(fixture.quota(relabelled)).isNull();
          assertThat(fixture.get("p").getStatus().namespaces().selected()).isEqualTo(1);
        });

    // A narrower selector.
    fixture.apply("p", fixture.yaml("p", "mode: Enforce", 256).replace("*-excluded", "*-stays"));
    eventually(
        () -> {
          assertThat(fixture.limitRange(stays)).isNull();
          assertThat(fixture.limitRange(excluded)).isNotNull();
        });

    // A policy without its quota.
    var yaml = fixture.yaml("p", "mode: Enforce", 256);
    fixture.apply("p", yaml.substring(0, yaml.indexOf("    resourceQuota")));
    eventually(
        () -> {
          assertThat(fixture.limitRange(stays)).isNotNull();
          assertThat(fixture.quota(stays)).isNull();
        });
  }

  @Test
  void systemNamespacesAreLeftAloneUnlessAskedFor() {
    var spec =
        """
        namespaces:
          includeSystem: %s
          selector:
            matchExpressions:
            - {key: kubernetes.io/metadata.name, operator: In, values: [kube-system, cgroup-policy-system]}
          limitRange: {limits: [{type: Container, default: {memory: 1Gi}}]}
        """;
    fixture.applySpec("p", spec.formatted(false));
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited"));
    assertThat(fixture.get("p").getStatus().namespaces().selected()).isZero();
    fixture.applySpec("p", spec.formatted(true));
    eventually(() -> assertThat(fixture.get("p").getStatus().namespaces().selected()).isEqualTo(2));
  }

  @Test
  void terminatingNamespacesAreBenign() {
    var stays = fixture.namespace("stays");
    var goes = fixture.namespace("goes");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    fixture.client.namespaces().withName(goes).delete();
    eventually(() -> assertThat(fixture.client.namespaces().withName(goes).get()).isNull());
    eventually(
        () -> {
          assertThat(fixture.get("p").getStatus().namespaces().summary()).isEqualTo("1/1");
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
        });
    assertThat(fixture.limitRange(stays)).isNotNull();
  }
}
