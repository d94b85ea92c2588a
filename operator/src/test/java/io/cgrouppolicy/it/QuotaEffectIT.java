package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Whether a quota is in force, which depends on the quota controller (kubernetes#71450).
class QuotaEffectIT {
  private static final Map<String, String> SHORT_GRACE = Map.of("CGROUP_POLICY_QUOTA_GRACE", "3S");

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  @EmbeddedCluster("stops the quota controller")
  void aQuotaThatIsNotAdoptedIsNotEffective() {
    var cluster = LocalCluster.get();
    try (var operator = new OperatorProcess(SHORT_GRACE)) {
      var namespace = fixture.namespace("a");
      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
      eventually(() -> assertThat(fixture.quota(namespace).getStatus().getHard()).isNotEmpty());

      cluster.control("stop-controller-manager");
      try {
        fixture.policy("p", "mode: Enforce", 512);
        eventually(
            () -> assertThat(fixture.checks("p")).containsExactly("ResourceQuotaNotEffective"));
        var violation = fixture.get("p").getStatus().violations().getFirst();
        assertThat(violation.name()).isEqualTo(namespace);
        assertThat(violation.expected()).isEqualTo("status.hard.limits.memory: 50Gi");
        assertThat(violation.actual()).isEqualTo("25Gi");
        assertThat(violation.message()).contains("the old figures are enforced");
        assertThat(fixture.quota(namespace).getSpec().getHard())
            .containsEntry("limits.memory", new Quantity("51200Mi"));

        var late = fixture.namespace("late");
        eventually(() -> assertThat(fixture.get("p").getStatus().violationCount()).isEqualTo(2));
        assertThat(fixture.get("p").getStatus().violations())
            .anySatisfy(
                other -> {
                  assertThat(other.name()).isEqualTo(late);
                  assertThat(other.message()).contains("none of it is enforced");
                });
      } finally {
        cluster.control("start-controller-manager");
      }
      eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
      assertThat(operator.alive()).isTrue();
    }
  }

  /// Field case 02. The schema rejects its other keys: see `invalid-quota-*extended`.
  @Test
  void aKeyThatNothingCountsIsNotEffective() {
    try (var operator = new OperatorProcess(SHORT_GRACE)) {
      var namespace = fixture.namespace("gpu");
      var yaml = fixture.yaml("p", "mode: Enforce", 256);
      fixture.apply(
          "p",
          yaml.replace("pods: \"50\"", "pods: \"50\", count/routes.route.openshift.io: \"5\""));
      eventually(
          () -> assertThat(fixture.checks("p")).containsExactly("ResourceQuotaNotEffective"));
      var violation = fixture.get("p").getStatus().violations().getFirst();
      assertThat(violation.name()).isEqualTo(namespace);
      assertThat(violation.message())
          .contains("nothing counts count/routes.route.openshift.io (the cluster has no such kind");
      assertThat(fixture.quota(namespace).getStatus().getHard())
          .as("the quota controller has adopted it")
          .containsKey("count/routes.route.openshift.io");

      fixture.apply("p", yaml);
      eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
      assertThat(operator.alive()).isTrue();
    }
  }

  @Test
  @EmbeddedCluster("audit log")
  void aQuotaThatIsAdoptedInTimeCausesNoWrite() {
    try (var operator = new OperatorProcess(SHORT_GRACE)) {
      var namespace = fixture.namespace("a");
      fixture.policy("p", "mode: Enforce", 256);
      eventually(
          () -> {
            assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
            assertThat(fixture.policyEvents("p")).as("Enforced, Compliant").hasSize(2);
            assertThat(fixture.quota(namespace).getStatus().getHard()).isNotEmpty();
          });
      fixture.awaitPodsAllowed(namespace);
      int before = LocalCluster.get().operatorWrites().size();
      var looked = looks(operator);
      for (int i = 1; i <= 20; i++) {
        fixture
            .client
            .resource(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: p%d, namespace: %s}
                spec: {containers: [{name: main, image: registry.k8s.io/pause}]}
                """
                    .formatted(i, namespace))
            .create();
      }
      eventually(
          () ->
              assertThat(fixture.quota(namespace).getStatus().getUsed())
                  .containsEntry("pods", new Quantity("20")));
      // Later changes have been handled, and therefore all earlier ones.
      var last = fixture.namespace("last");
      eventually(
          () -> assertThat(fixture.get("p").getStatus().namespaces().summary()).isEqualTo("2/2"));
      assertThat(LocalCluster.get().operatorWrites().stream().skip(before))
          .allSatisfy(write -> assertThat(write).doesNotContain("/namespaces/" + namespace + "/"));
      assertThat(fixture.namespaceEvents(namespace)).extracting(Event::getReason).isEmpty();
      assertThat(fixture.namespaceEvents(last)).extracting(Event::getReason).isEmpty();
      assertThat(looks(operator) - looked)
          .as(
              "looks at namespaces: at the new one, and none for each of 20 changes of what is used")
          .isLessThan(12);
    }
  }

  private static double looks(OperatorProcess operator) {
    return operator.metric(
        "reconciliations_execution_duration_seconds_count{controller_name=\"namespace\"}");
  }
}
