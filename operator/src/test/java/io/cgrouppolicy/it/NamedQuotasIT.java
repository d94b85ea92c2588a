package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Several quotas in a namespace, from their creation to their removal.
class NamedQuotasIT {
  private static final String HIGH =
      "{name: high, hard: {pods: %s}, scopeSelector: {matchExpressions: [{scopeName:"
          + " PriorityClass, operator: In, values: [high]}]}}";
  private static final String FREE = "{name: free, hard: {pods: 1}, scopes: [BestEffort]}";
  private static final String JOBS = "{name: jobs, hard: {pods: 7}, scopes: [Terminating]}";

  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeEach
  void startOperator() {
    SharedOperator.get();
  }

  private void policy(String name, String head, String... quotas) {
    fixture.apply(
        name,
        fixture.yaml(name, head, 128)
            + "    resourceQuotas: ["
            + String.join(", ", quotas)
            + "]\n");
  }

  private Map<String, ResourceQuota> quotas(String namespace) {
    return fixture.client.resourceQuotas().inNamespace(namespace).list().getItems().stream()
        .collect(Collectors.toMap(quota -> quota.getMetadata().getName(), quota -> quota));
  }

  private void awaitQuotas(String namespace, String... names) {
    eventually(() -> assertThat(quotas(namespace)).containsOnlyKeys(names));
  }

  private void awaitCompliant(String policy) {
    within(
        Duration.ofSeconds(60),
        () -> assertThat(fixture.status(policy, "Compliant")).isEqualTo("True Compliant"));
  }

  @Test
  void followsTheEntriesOfTheList() {
    var namespace = fixture.namespace("a");
    fixture
        .client
        .resource(
            new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("cgroup-policy-theirs")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withHard(Map.of("pods", new Quantity("99")))
                .endSpec()
                .build())
        .create();
    policy("p", "mode: Enforce", HIGH.formatted("5"), FREE);
    awaitCompliant("p");
    awaitQuotas(
        namespace,
        "cgroup-policy",
        "cgroup-policy-high",
        "cgroup-policy-free",
        "cgroup-policy-theirs");
    var before = quotas(namespace);
    var high = before.get("cgroup-policy-high");
    assertThat(high.getMetadata().getLabels())
        .containsEntry("cgroup-policy.io/policy", fixture.id + "-p");
    assertThat(high.getSpec().getScopeSelector().getMatchExpressions().getFirst().getValues())
        .containsExactly("high");

    policy("p", "mode: Enforce", HIGH.formatted("6"), FREE.replace("Best", "NotBest"), JOBS);
    eventually(
        () -> {
          var after = quotas(namespace);
          assertThat(after).hasSize(5).containsKey("cgroup-policy-jobs");
          assertThat(after.get("cgroup-policy-high").getSpec().getHard())
              .containsEntry("pods", new Quantity("6"));
          assertThat(after.get("cgroup-policy-free").getSpec().getScopes())
              .containsExactly("NotBestEffort");
        });
    assertThat(uid(quotas(namespace), "cgroup-policy-high"))
        .as("changed in place")
        .isEqualTo(uid(before, "cgroup-policy-high"));

    policy("p", "mode: Enforce", JOBS);
    awaitQuotas(namespace, "cgroup-policy", "cgroup-policy-jobs", "cgroup-policy-theirs");
    awaitCompliant("p");
    assertThat(uid(quotas(namespace), "cgroup-policy")).isEqualTo(uid(before, "cgroup-policy"));

    fixture.delete("p");
    awaitQuotas(namespace, "cgroup-policy-theirs");
  }

  private static String uid(Map<String, ResourceQuota> quotas, String name) {
    return quotas.get(name).getMetadata().getUid();
  }

  @Test
  void restoresEachAndNamesItInTheEvent() {
    var namespace = fixture.namespace("a");
    policy("p", "mode: Enforce", HIGH.formatted("5"), FREE);
    awaitCompliant("p");
    fixture
        .client
        .resource(quotas(namespace).get("cgroup-policy-high"))
        .edit(
            quota -> {
              quota.getSpec().getHard().put("pods", new Quantity("500"));
              quota.getMetadata().setLabels(null);
              quota.getMetadata().setOwnerReferences(null);
              return quota;
            });
    eventually(
        () -> {
          var high = quotas(namespace).get("cgroup-policy-high");
          assertThat(high.getSpec().getHard()).containsEntry("pods", new Quantity("5"));
          assertThat(high.getMetadata().getLabels()).hasSize(2);
          assertThat(high.getMetadata().getOwnerReferences()).hasSize(1);
        });
    fixture.client.resource(quotas(namespace).get("cgroup-policy-free")).delete();
    awaitQuotas(namespace, "cgroup-policy", "cgroup-policy-high", "cgroup-policy-free");
    eventually(
        () ->
            assertThat(fixture.namespaceEvents(namespace))
                .filteredOn(event -> event.getReason().equals("Reverted"))
                .extracting(Event::getNote)
                .satisfiesExactly(
                    note ->
                        assertThat(note)
                            .startsWith("ResourceQuota cgroup-policy-high changed back: ")
                            .contains("hard.pods is 500, not 5"),
                    note ->
                        assertThat(note)
                            .isEqualTo(
                                "ResourceQuota cgroup-policy-free was deleted and is back")));
  }

  @Test
  void handsOverEachOfThem() {
    var namespace = fixture.namespace("a");
    policy("low", "mode: Enforce; priority: 1", HIGH.formatted("5"), FREE);
    awaitCompliant("low");
    var before = quotas(namespace);
    policy("high", "mode: Enforce; priority: 2", HIGH.formatted("9"), JOBS);
    awaitQuotas(namespace, "cgroup-policy", "cgroup-policy-high", "cgroup-policy-jobs");
    awaitCompliant("high");
    var after = quotas(namespace).get("cgroup-policy-high");
    assertThat(after.getSpec().getHard()).containsEntry("pods", new Quantity("9"));
    assertThat(after.getMetadata().getOwnerReferences()).hasSize(2);

    fixture.delete("high");
    awaitQuotas(namespace, "cgroup-policy", "cgroup-policy-high", "cgroup-policy-free");
    awaitCompliant("low");
    assertThat(uid(quotas(namespace), "cgroup-policy-high"))
        .as("never absent")
        .isEqualTo(uid(before, "cgroup-policy-high"));
  }

  @Test
  void orphansStayWhenThePolicyGoes() {
    var namespace = fixture.namespace("a");
    policy("stays", "mode: Enforce; deletionPolicy: Orphan", FREE);
    awaitCompliant("stays");
    fixture.delete("stays");
    // Policies are handled in order: this verdict shows that the deletion was handled.
    policy("audit", "mode: Audit", FREE, JOBS);
    eventually(
        () ->
            assertThat(fixture.checks("audit"))
                .contains("ResourceQuotaDrifted", "ResourceQuotaMissing"));
    assertThat(quotas(namespace)).containsOnlyKeys("cgroup-policy", "cgroup-policy-free");
  }

  @Test
  void catchesUpWithWhatChangedWhileNoOperatorRan() {
    var namespace = fixture.namespace("a");
    policy("p", "mode: Enforce", HIGH.formatted("5"), FREE);
    awaitCompliant("p");
    SharedOperator.stop();
    policy("p", "mode: Enforce", HIGH.formatted("5"), JOBS);
    fixture
        .client
        .resource(quotas(namespace).get("cgroup-policy-high"))
        .edit(
            quota -> {
              quota.getSpec().getHard().put("pods", new Quantity("500"));
              return quota;
            });
    SharedOperator.get();
    within(
        Duration.ofSeconds(60),
        () -> {
          var after = quotas(namespace);
          assertThat(after)
              .containsOnlyKeys("cgroup-policy", "cgroup-policy-high", "cgroup-policy-jobs");
          assertThat(after.get("cgroup-policy-high").getSpec().getHard())
              .containsEntry("pods", new Quantity("5"));
        });
  }

  /// Services are counted by the quota controller alone.
  @Test
  void reportsObjectsThatExceedAQuotaUntilTheyAreGone() {
    var namespace = fixture.namespace("a");
    for (var name : new String[] {"one", "two", "three"}) {
      fixture
          .client
          .resource(
              """
              apiVersion: v1
              kind: Service
              metadata: {name: %s, namespace: %s}
              spec: {clusterIP: None, selector: {app: app}}
              """
                  .formatted(name, namespace))
          .create();
    }
    policy("p", "mode: Enforce", "{name: objects, hard: {services: 1, configmaps: 9}}");
    eventually(
        () ->
            assertThat(fixture.get("p").getStatus().violations())
                .singleElement()
                .satisfies(
                    violation -> {
                      assertThat(violation.check()).isEqualTo("WouldReject");
                      assertThat(violation.kind()).isEqualTo("Namespace");
                      assertThat(violation.name()).isEqualTo(namespace);
                      assertThat(violation.message())
                          .isEqualTo(
                              "quota cgroup-policy-objects is below current usage: services is 3,"
                                  + " but only 1 is allowed");
                    }));
    assertThat(fixture.status("p", "NamespacesCompliant")).isEqualTo("True Compliant");
    for (var name : new String[] {"one", "two"}) {
      fixture.client.services().inNamespace(namespace).withName(name).delete();
    }
    awaitCompliant("p");
  }

  @Test
  void thePreviewChargesPodsToTheQuotasThatTheyMatch() {
    var namespace = fixture.namespace("a");
    fixture.awaitPodsAllowed(namespace);
    for (var name : new String[] {"one", "two"}) {
      fixture
          .client
          .resource(
              """
              apiVersion: v1
              kind: Pod
              metadata: {name: %s, namespace: %s}
              spec: {containers: [{name: main, image: registry.k8s.io/pause}]}
              """
                  .formatted(name, namespace))
          .create();
    }
    fixture.applySpec(
        "draft",
        """
        namespaces:
          selector: {matchLabels: {test: %s}}
          resourceQuotas: [%s, %s]
        """
            .formatted(fixture.id, FREE, JOBS));
    eventually(
        () -> {
          assertThat(fixture.checks("draft")).contains("WouldReject");
          assertThat(fixture.get("draft").getStatus().violations())
              .filteredOn(violation -> violation.check().equals("WouldReject"))
              .extracting(violation -> violation.message())
              .allSatisfy(message -> assertThat(message).contains("cgroup-policy-free"))
              .contains(
                  "quota cgroup-policy-free is below current usage: pods is 2, but only 1 is"
                      + " allowed");
        });
  }
}
