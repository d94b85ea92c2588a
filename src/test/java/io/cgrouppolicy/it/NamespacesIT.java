package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a policy does to namespaces, by the packaged operator under its shipped permissions.
class NamespacesIT {
  private static OperatorProcess operator;
  private Fixture fixture;

  @BeforeAll
  static void startOperator() {
    LocalCluster.get();
    operator = OperatorProcess.start();
  }

  @AfterAll
  static void stopOperator() {
    operator.close();
  }

  @BeforeEach
  void open() {
    fixture = new Fixture();
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void protectsNamespacesThatExistAndThatComeLater() {
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
  void revertsEditsDeletionsAndStrippedMarks() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));

    fixture
        .client
        .resource(fixture.limitRange(namespace))
        .edit(
            l -> {
              l.getSpec().getLimits().getFirst().getDefault().put("memory", new Quantity("9Gi"));
              l.getMetadata().setLabels(null);
              l.getMetadata().setOwnerReferences(null);
              return l;
            });
    eventually(
        () -> {
          assertThat(fixture.memory(namespace)).isEqualTo("256Mi");
          assertThat(fixture.limitRange(namespace).getMetadata().getLabels()).hasSize(2);
          assertThat(fixture.limitRange(namespace).getMetadata().getOwnerReferences()).hasSize(1);
        });

    fixture
        .client
        .resource(fixture.quota(namespace))
        .edit(
            q -> {
              q.getSpec().getHard().put("configmaps", new Quantity("3"));
              return q;
            });
    eventually(
        () ->
            assertThat(fixture.quota(namespace).getSpec().getHard())
                .containsOnlyKeys("limits.memory", "pods"));

    var uid = fixture.limitRange(namespace).getMetadata().getUid();
    fixture.client.resource(fixture.limitRange(namespace)).delete();
    eventually(
        () -> {
          assertThat(fixture.limitRange(namespace)).isNotNull();
          assertThat(fixture.limitRange(namespace).getMetadata().getUid()).isNotEqualTo(uid);
        });
    eventually(
        () ->
            assertThat(
                    fixture.client.events().v1().events().inNamespace(namespace).list().getItems())
                .anySatisfy(
                    e -> {
                      assertThat(e.getReason()).isEqualTo("Reverted");
                      assertThat(e.getNote()).contains("memory is 9Gi, not 256Mi");
                    }));
    assertThat(operator.get("/q/metrics")).contains("cgroup_policy_reverts_total");
  }

  @Test
  @EmbeddedCluster("audit log")
  void meetsAFightWithBackOffAndSaysSo() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    eventually(
        () -> {
          var limitRange = fixture.limitRange(namespace);
          if (limitRange != null) {
            fixture.client.resource(limitRange).delete();
          }
          assertThat(fixture.checks("p")).contains("ObjectContested");
        });
    assertThat(
            LocalCluster.get().operatorWrites().stream()
                .filter(w -> w.contains(namespace + "/limitranges")))
        .as("the first one, the free reverts, and at most one after the back-off began")
        .hasSizeLessThanOrEqualTo(7);
    // It has not given up: after its delay the object is back.
    eventually(() -> assertThat(fixture.limitRange(namespace)).isNotNull());
  }

  @Test
  void takesBackWhatNoLongerMatches() {
    var relabelled = fixture.namespace("relabelled");
    var stays = fixture.namespace("stays");
    var excluded = fixture.namespace("excluded");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    assertThat(fixture.limitRange(excluded)).isNull();

    fixture
        .client
        .namespaces()
        .withName(relabelled)
        .edit(
            n -> {
              n.getMetadata().getLabels().put("test", "none");
              return n;
            });
    eventually(
        () -> {
          assertThat(fixture.limitRange(relabelled)).isNull();
          assertThat(fixture.quota(relabelled)).isNull();
          assertThat(fixture.get("p").getStatus().namespaces().selected()).isEqualTo(1);
        });

    // A selector that shrinks.
    fixture.apply("p", fixture.yaml("p", "mode: Enforce", 256).replace("*-excluded", "*-stays"));
    eventually(
        () -> {
          assertThat(fixture.limitRange(stays)).isNull();
          assertThat(fixture.limitRange(excluded)).isNotNull();
        });

    // A quota that the policy no longer has.
    var yaml = fixture.yaml("p", "mode: Enforce", 256);
    fixture.apply("p", yaml.substring(0, yaml.indexOf("    resourceQuota")));
    eventually(
        () -> {
          assertThat(fixture.limitRange(stays)).isNotNull();
          assertThat(fixture.quota(stays)).isNull();
        });
  }

  @Test
  void handsOverInPlace() {
    var namespace = fixture.namespace("a");
    fixture.policy("low", "mode: Enforce; priority: 1", 128);
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("128Mi"));
    var uid = fixture.limitRange(namespace).getMetadata().getUid();

    fixture.policy("high", "mode: Enforce; priority: 2", 256);
    eventually(
        () -> {
          assertThat(fixture.memory(namespace)).isEqualTo("256Mi");
          assertThat(fixture.status("high", "Compliant")).isEqualTo("True Compliant");
          assertThat(fixture.get("low").getStatus().namespaces().selected()).isZero();
        });
    // Deletion of the governing policy: the garbage collector finds the next owner.
    fixture.delete("high");
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("128Mi"));
    eventually(
        () ->
            assertThat(fixture.limitRange(namespace).getMetadata().getOwnerReferences())
                .hasSize(1));
    assertThat(fixture.limitRange(namespace).getMetadata().getUid()).isEqualTo(uid);
  }

  @Test
  void objectsGoWithThePolicyOrStayAsOrphans() {
    var namespace = fixture.namespace("a");
    fixture.policy("goes", "mode: Enforce", 128);
    eventually(() -> assertThat(fixture.quota(namespace)).isNotNull());
    fixture.delete("goes");
    eventually(
        () -> {
          assertThat(fixture.limitRange(namespace)).isNull();
          assertThat(fixture.quota(namespace)).isNull();
        });

    fixture.policy("stays", "mode: Enforce", 128);
    eventually(() -> assertThat(fixture.quota(namespace)).isNotNull());
    fixture.policy("stays", "mode: Enforce; deletionPolicy: Orphan", 128);
    eventually(
        () -> {
          assertThat(fixture.limitRange(namespace).getMetadata().getOwnerReferences()).isEmpty();
          assertThat(fixture.quota(namespace).getMetadata().getOwnerReferences()).isEmpty();
        });
    fixture.delete("stays");
    // A policy made afterwards is handled after the deletion: its verdict shows that the operator
    // has seen it, and the garbage collector had its time.
    fixture.policy("audit", "mode: Audit", 128);
    eventually(() -> assertThat(fixture.checks("audit")).contains("LimitRangeDrifted"));
    assertThat(fixture.limitRange(namespace)).isNotNull();
    assertThat(fixture.quota(namespace)).isNotNull();
  }

  @Test
  @EmbeddedCluster("audit log")
  void auditReportsAndWritesNothing() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Audit", 256);
    eventually(
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
          assertThat(fixture.status("p", "Compliant")).isEqualTo("False ViolationsFound");
          assertThat(fixture.checks("p"))
              .containsExactly("LimitRangeMissing", "ResourceQuotaMissing");
        });
    assertThat(fixture.limitRange(namespace)).isNull();

    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    fixture.policy("p", "mode: Audit", 512);
    eventually(() -> assertThat(fixture.checks("p")).contains("LimitRangeDrifted"));
    assertThat(fixture.memory(namespace)).as("turning back leaves the objects").isEqualTo("256Mi");
    assertThat(
            LocalCluster.get().operatorWrites().stream()
                .filter(w -> w.contains(namespace + "/limitranges")))
        .hasSize(1);
  }

  @Test
  void anAuditPolicyOfHigherPriorityDoesNotDisarm() {
    fixture.policy("enforced", "mode: Enforce", 128);
    fixture.policy("draft", "mode: Audit; priority: 10", 256);
    var namespace = fixture.namespace("a");
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("128Mi"));
    eventually(() -> assertThat(fixture.checks("draft")).contains("LimitRangeDrifted"));
    eventually(
        () -> assertThat(fixture.status("enforced", "Compliant")).isEqualTo("True Compliant"));
  }

  @Test
  void foreignObjectsAreReportedAndLeftAlone() {
    var namespace = fixture.namespace("a");
    for (var name : new String[] {"cgroup-policy", "theirs"}) {
      fixture
          .client
          .resource(
              new LimitRangeBuilder()
                  .withNewMetadata()
                  .withName(name)
                  .withNamespace(namespace)
                  .endMetadata()
                  .withNewSpec()
                  .addNewLimit()
                  .withType("Container")
                  .withDefault(Map.of("memory", new Quantity("1Gi")))
                  .endLimit()
                  .endSpec()
                  .build())
          .create();
    }
    var expires = Instant.now().plusSeconds(6).truncatedTo(ChronoUnit.SECONDS);
    var exceptions =
        """
        mode: Enforce
          exceptions:
          - check: LimitRangeConflict
            namespaces: ["%s-*"]
            reason: being migrated
            expires: "%s"
          - check: ResourceQuotaMissing
            namespaces: ["%s-*"]
            reason: waits for the LimitRange"""
            .formatted(fixture.id, expires, fixture.id);
    fixture.policy("p", exceptions, 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    assertThat(fixture.get("p").getStatus().violationCount()).isZero();
    eventually(
        () -> {
          assertThat(fixture.get("p").getStatus().violationCount()).isEqualTo(2);
          assertThat(fixture.checks("p")).containsExactly("LimitRangeConflict");
        });
    assertThat(Instant.now()).isAfterOrEqualTo(expires);
    assertThat(fixture.memory(namespace)).isEqualTo("1Gi");
    assertThat(fixture.limitRange(namespace).getMetadata().getLabels()).isNullOrEmpty();
    assertThat(fixture.quota(namespace)).as("no quota without its defaults").isNull();
  }

  @Test
  void systemNamespacesAreLeftAloneUnlessAskedFor() {
    var yaml =
        """
        apiVersion: cgroup-policy.io/v1alpha1
        kind: CgroupPolicy
        metadata: {name: %s-p}
        spec:
          namespaces:
            includeSystem: %s
            selector:
              matchExpressions:
              - {key: kubernetes.io/metadata.name, operator: In, values: [kube-system, cgroup-policy-system]}
            limitRange: {limits: [{type: Container, default: {memory: 1Gi}}]}
        """;
    fixture.apply("p", yaml.formatted(fixture.id, false));
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited"));
    assertThat(fixture.get("p").getStatus().namespaces().selected()).isZero();
    fixture.apply("p", yaml.formatted(fixture.id, true));
    eventually(() -> assertThat(fixture.get("p").getStatus().namespaces().selected()).isEqualTo(2));
  }

  @Test
  void anImpossiblePolicyChangesNothing() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    var before = fixture.limitRange(namespace).getMetadata().getResourceVersion();
    // The schema cannot say this one: it does not know the fields of a KubeletConfiguration.
    fixture.apply(
        "p",
        fixture
            .yaml("p", "mode: Enforce", 512)
            .replace(
                "spec:", "spec:\n  nodes: {selector: {}, kubelet: {config: {podPidsLimit: 1}}}"));
    eventually(
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("False InvalidSpec");
          assertThat(fixture.status("p", "Stalled")).isEqualTo("True InvalidSpec");
          assertThat(fixture.condition("p", "Ready").getMessage())
              .contains("spec.nodes.kubelet.config.podPidsLimit");
        });
    assertThat(fixture.limitRange(namespace).getMetadata().getResourceVersion()).isEqualTo(before);
    fixture.policy("p", "mode: Enforce", 512);
    eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo("512Mi"));
    eventually(() -> assertThat(fixture.status("p", "Stalled")).isNull());
  }

  /// The regression test for JOSDK#3398: a spec change just before our own status write.
  @Test
  void noSpecChangeIsLostAroundAStatusWrite() {
    var namespace = fixture.namespace("a");
    for (int memory = 100; memory < 140; memory++) {
      fixture.policy("p", "mode: Enforce", memory);
      if (memory % 5 == 0) {
        int expected = memory;
        eventually(() -> assertThat(fixture.memory(namespace)).isEqualTo(expected + "Mi"));
      }
    }
    eventually(
        () -> {
          assertThat(fixture.memory(namespace)).isEqualTo("139Mi");
          assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
        });
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
