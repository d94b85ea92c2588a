package io.cgrouppolicy.delivery.argocd;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Permissions;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The health that Argo CD would show for real policies, in each state of a policy without nodes.
class ArgoStatesIT {
  @RegisterExtension final Fixture fixture = new Fixture();

  private final States states = new States(fixture);
  private final List<HasMetadata> obstacles = new ArrayList<>();

  @BeforeEach
  void startOperator() {
    SharedOperator.get();
  }

  @AfterEach
  void removeObstacles() {
    obstacles.forEach(obstacle -> fixture.client.resource(obstacle).delete());
  }

  private void obstruct(HasMetadata obstacle) {
    obstacles.add(fixture.client.resource(obstacle).create());
  }

  private void enforced(String suffix) {
    fixture.namespace("a");
    fixture.policy(suffix, "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status(suffix, "Compliant")).startsWith("True"));
  }

  @Test
  void notYetSeenByAnOperator() {
    enforced("outdated");
    SharedOperator.stop();
    fixture.policy("outdated", "mode: Enforce", 512);
    states.is(
        "outdated",
        "outdated",
        () -> {
          var policy = fixture.get("outdated");
          assertThat(policy.getMetadata().getGeneration())
              .isGreaterThan(policy.getStatus().observedGeneration());
        });
    fixture.policy("new", "mode: Enforce", 256);
    states.is(
        "new",
        "new",
        () -> assertThat(fixture.get("new").getStatus().observedGeneration()).isEqualTo(-1));
  }

  @Test
  void compliantInEitherMode() {
    fixture.namespace("a");
    fixture.policy("baseline", "mode: Enforce", 256);
    states.is("enforced", "baseline", "True Enforced", "True Compliant");
    fixture.policy("baseline", "mode: Audit", 256);
    states.is("audited", "baseline", "True Audited", "True Compliant");
  }

  @Test
  void aSelectorThatMatchesNothing() {
    fixture.policy("baseline", "mode: Enforce", 256);
    states.is("nothing-selected", "baseline", "True Enforced", "Unknown NothingSelected");
  }

  @Test
  void violationsInEitherMode() {
    var namespace = fixture.namespace("a");
    fixture.foreignLimitRange(namespace, "theirs");
    fixture.policy("baseline", "mode: Enforce; workloads: {requireLimits: [memory]}", 256);
    states.is("enforced-violations", "baseline", "True Enforced", "False ViolationsFound");
    fixture.policy("baseline", "mode: Audit; workloads: {requireLimits: [memory]}", 512);
    states.is("audited-violations", "baseline", "True Audited", "False ViolationsFound");
  }

  @Test
  void namespacesWait() {
    var namespace = fixture.namespace("a");
    new Workloads(fixture, namespace).pod("big", "{limits: {cpu: 100m, memory: 100Gi}}");
    fixture.policy("baseline", "mode: Enforce; rollout: WhenSafe", 256);
    states.is(
        "waiting",
        "baseline",
        () -> {
          assertThat(fixture.status("baseline", "Ready")).isEqualTo("True Enforced");
          assertThat(fixture.get("baseline").getStatus().preview().waiting()).isOne();
        });
  }

  @Test
  void impossibleAndWhatThatHolds() {
    enforced("baseline");
    fixture.apply("baseline", fixture.impossible("baseline"));
    states.is("invalid", "baseline", "False InvalidSpec", "Unknown InvalidSpec");
    fixture.policy("strict", "mode: Enforce; priority: 1", 128);
    states.is(
        "held",
        "strict",
        () -> assertThat(fixture.status("strict", "Ready")).isEqualTo("False HeldByInvalidPolicy"));
  }

  @Test
  void aMissingPermission() {
    try (var missing = Permissions.without("create", "limitranges")) {
      fixture.namespace("a");
      fixture.policy("baseline", "mode: Enforce", 256);
      states.is("forbidden", "baseline", "False Forbidden", "False ViolationsFound");
    }
  }

  @Test
  void rejectedPermanently() {
    refuse("Invalid");
    states.is("rejected", "baseline", "False RejectedByAdmission", "False ViolationsFound");
  }

  /// A status code without a specific reason, for example from an overloaded server.
  @Test
  void rejectedTemporarily() {
    refuse("RequestEntityTooLarge");
    states.is("write-failed", "baseline", "False WriteFailed", "False ViolationsFound");
  }

  private void refuse(String reason) {
    var namespace = fixture.namespace("a");
    var name = fixture.id + "-refuse";
    obstruct(
        yaml(
            ValidatingAdmissionPolicy.class,
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata: {name: %s}
            spec:
              failurePolicy: Fail
              matchConstraints:
                resourceRules:
                - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [limitranges]}
              validations:
              - {expression: "false", message: not here, reason: %s}
            """
                .formatted(name, reason)));
    obstruct(
        yaml(
            ValidatingAdmissionPolicyBinding.class,
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata: {name: %s}
            spec:
              policyName: %s
              validationActions: [Deny]
              matchResources:
                namespaceSelector: {matchLabels: {test: %s}}
            """
                .formatted(name, name, fixture.id)));
    var probe =
        new LimitRangeBuilder()
            .withNewMetadata()
            .withName("probe")
            .withNamespace(namespace)
            .endMetadata()
            .withNewSpec()
            .endSpec()
            .build();
    eventually(
        () ->
            assertThatThrownBy(() -> fixture.client.resource(probe).dryRun().create())
                .hasMessageContaining("not here"));
    fixture.policy("baseline", "mode: Enforce", 256);
  }

  private static HasMetadata yaml(Class<? extends HasMetadata> type, String text) {
    return Serialization.unmarshal(text, type);
  }

  @Test
  void nodesWhoseKubeletsWouldNotStart() {
    nodes("kubelet: {enforceNodeAllocatable: [system-reserved], systemReserved: {memory: 1Gi}}");
    states.is(
        "unsafe",
        "nodes",
        () -> {
          assertThat(fixture.status("nodes", "Ready")).isEqualTo("True Audited");
          assertThat(fixture.status("nodes", "KubeletConfigUnsafe")).startsWith("True");
        });
  }

  @Test
  void aRemedyOfAnotherOwner() {
    obstruct(
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("cgroup-policy-remedy-" + fixture.id + "-nodes")
            .withNamespace("cgroup-policy-system")
            .endMetadata()
            .build());
    nodes("remedy: Publish, kubelet: {podPidsLimit: 4096}");
    states.is("remedy-conflict", "nodes", "False RemedyConflict", "Unknown NothingSelected");
  }

  private void nodes(String nodes) {
    fixture.apply(
        "nodes",
        """
        apiVersion: cgroup-policy.io/v1alpha1
        kind: CgroupPolicy
        metadata: {name: %s-nodes}
        spec: {nodes: {selector: {matchLabels: {test: %s}}, %s}}
        """
            .formatted(fixture.id, fixture.id, nodes));
  }

  /// The finalizer of another client holds it, because the operator has none.
  @Test
  void beingDeleted() {
    enforced("baseline");
    finalizers("'cgroup-policy.test/held'");
    fixture.delete("baseline");
    try {
      states.is(
          "deleting",
          "baseline",
          () -> assertThat(fixture.get("baseline").isMarkedForDeletion()).isTrue());
    } finally {
      finalizers("");
    }
  }

  private void finalizers(String names) {
    fixture
        .client
        .resources(CgroupPolicy.class)
        .withName(fixture.id + "-baseline")
        .patch(PatchContext.of(PatchType.JSON_MERGE), "metadata: {finalizers: [" + names + "]}");
  }
}
