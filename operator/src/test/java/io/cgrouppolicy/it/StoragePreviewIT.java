package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Permissions;
import io.cgrouppolicy.testing.SharedOperator;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a policy would refuse of PersistentVolumeClaims, on claims and StatefulSets of a real API
/// server, whose answers are compared.
class StoragePreviewIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @RegisterExtension final Fixture fixture = new Fixture();

  private void policy(String mode) {
    fixture.applySpec(
        "p",
        """
        mode: %s
        namespaces:
          selector: {matchLabels: {test: %s}}
          limitRange:
            limits: [{type: PersistentVolumeClaim, max: {storage: 5Gi}}]
          resourceQuotas:
          - {name: storage, hard: {requests.storage: 8Gi}}
        """
            .formatted(mode, fixture.id));
  }

  private String claim(String namespace, String name, String storage) {
    return """
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: %s, namespace: %s}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: %s}}}
    """
        .formatted(name, namespace, storage);
  }

  private void statefulSet(String namespace, String storage) {
    fixture
        .client
        .resource(
            """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db, namespace: %s}
            spec:
              replicas: 0
              serviceName: db
              selector: {matchLabels: {app: db}}
              template:
                metadata: {labels: {app: db}}
                spec: {containers: [{name: app, image: registry.k8s.io/pause}]}
              volumeClaimTemplates:
              - metadata: {name: data}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: %s}}}
            """
                .formatted(namespace, storage))
        .create();
  }

  private List<String> rejections() {
    return fixture
        .violations("p")
        .filter(violation -> violation.check().equals("WouldReject"))
        .map(violation -> violation.kind() + " " + violation.message())
        .toList();
  }

  @Test
  void reportsClaimsThatCouldNotBeCreatedAgain() {
    SharedOperator.get();
    var namespace = fixture.namespace("a");
    fixture.client.resource(claim(namespace, "large", "10Gi")).create();
    statefulSet(namespace, "6Gi");
    policy("Audit");
    var maximum = "maximum storage usage per PersistentVolumeClaim is 5Gi, but request is ";
    within(
        PATIENCE,
        () ->
            assertThat(rejections())
                .containsExactly(
                    "Namespace quota cgroup-policy-storage is below current usage: requests.storage"
                        + " is 10Gi, but only 8Gi is allowed",
                    "PersistentVolumeClaim "
                        + namespace
                        + "/large: would be rejected when next created: "
                        + maximum
                        + "10Gi",
                    "StatefulSet "
                        + namespace
                        + "/db: new claims of its template data would be rejected: "
                        + maximum
                        + "6Gi"));

    // The server agrees, once the policy is enforced.
    policy("Enforce");
    within(PATIENCE, () -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced"));
    eventually(
        () ->
            assertThat(
                    catchThrowable(
                        () -> fixture.client.resource(claim(namespace, "again", "10Gi")).create()))
                .hasMessageContaining(maximum + "10Gi"));

    fixture.client.persistentVolumeClaims().inNamespace(namespace).withName("large").delete();
    fixture.client.apps().statefulSets().inNamespace(namespace).withName("db").delete();
    // Nothing mounts the claim, so the server removes it.
    within(PATIENCE, () -> assertThat(rejections()).isEmpty());
  }

  @Test
  void withoutThePermissionNothingElseChanges() {
    SharedOperator.stop();
    var namespace = fixture.namespace("a");
    fixture.client.resource(claim(namespace, "large", "10Gi")).create();
    try (var missing = Permissions.without("list", "persistentvolumeclaims")) {
      var operator = SharedOperator.get();
      policy("Enforce");
      within(
          PATIENCE,
          () -> {
            assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
            assertThat(rejections())
                .as("by the quota's own status")
                .containsExactly(
                    "Namespace quota cgroup-policy-storage is below current usage: requests.storage"
                        + " is 10Gi, but only 8Gi is allowed");
            assertThat(operator.log()).contains("persistentvolumeclaims are not watched");
          });
    }
    within(PATIENCE, () -> assertThat(rejections()).hasSize(2));
  }
}
