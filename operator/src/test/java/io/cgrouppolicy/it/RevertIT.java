package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The operator restores objects that another writer changes or deletes, and reports a writer that
/// persists.
class RevertIT {
  private final OperatorProcess operator = SharedOperator.get();

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void revertsEditsDeletionsAndRemovedMarks() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    double before = operator.metric("cgroup_policy_reverts_total");

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
            assertThat(fixture.namespaceEvents(namespace))
                .filteredOn(event -> event.getReason().equals("Reverted"))
                .extracting(Event::getNote)
                .satisfiesExactly(
                    note ->
                        assertThat(note)
                            .startsWith("LimitRange changed back: ")
                            .contains("memory is 9Gi, not 256Mi")
                            .contains("metadata.ownerReferences is none, not " + fixture.id + "-p"),
                    note ->
                        assertThat(note)
                            .isEqualTo(
                                "ResourceQuota changed back: hard.configmaps is 3, not unset"),
                    note -> assertThat(note).isEqualTo("LimitRange was deleted and is back")));
    assertThat(operator.metric("cgroup_policy_reverts_total") - before)
        .as("the reverts of this test, in whose JVM no other test runs")
        .isEqualTo(3);
  }

  @Test
  @EmbeddedCluster("audit log")
  void backsOffFromAnotherWriterAndReportsIt() {
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
    // It has not given up: after a delay the object is restored.
    eventually(() -> assertThat(fixture.limitRange(namespace)).isNotNull());
  }

  @Test
  @EmbeddedCluster("audit log")
  void backsOffFromEditsTooButASpecChangeTakesEffectAtOnce() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    eventually(
        () -> {
          fixture.edit(namespace, "9Gi");
          assertThat(fixture.checks("p")).contains("ObjectContested");
        });
    assertThat(
            LocalCluster.get().operatorWrites().stream()
                .filter(w -> w.contains(namespace + "/limitranges")))
        .as("the first one, the free reverts, and at most one after the back-off began")
        .hasSizeLessThanOrEqualTo(7);
    fixture.edit(namespace, "9Gi");
    fixture.policy("p", "mode: Enforce", 512);
    within(
        Duration.ofSeconds(3),
        () -> assertThat(fixture.memory(namespace)).as("no back-off").isEqualTo("512Mi"));
    eventually(() -> assertThat(fixture.checks("p")).contains("ObjectContested"));
  }
}
