package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The operator's Kubernetes events.
class EventsIT {
  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeEach
  void startOperator() {
    SharedOperator.get();
  }

  private List<String> policyEvents() {
    return fixture.policyEvents("p").stream()
        .map(event -> event.getType() + " " + event.getReason())
        .toList();
  }

  @Test
  void aPolicysEventsFollowItsConditions() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(
        () -> assertThat(policyEvents()).containsExactly("Normal Enforced", "Normal Compliant"));

    fixture.foreignLimitRange(namespace, "theirs");
    eventually(() -> assertThat(policyEvents()).hasSize(3).endsWith("Warning ViolationsFound"));
    fixture.client.limitRanges().inNamespace(namespace).withName("theirs").delete();
    eventually(() -> assertThat(policyEvents()).hasSize(4).endsWith("Normal Compliant"));

    fixture.apply("p", fixture.impossible("p"));
    eventually(() -> assertThat(policyEvents()).hasSize(5).endsWith("Warning InvalidSpec"));

    assertThat(fixture.policyEvents("p"))
        .allSatisfy(
            event -> {
              assertThat(event.getRegarding().getUid())
                  .isEqualTo(fixture.get("p").getMetadata().getUid());
              assertThat(event.getReportingController()).isEqualTo("cgroup-policy.io/operator");
              assertThat(event.getReportingInstance()).isNotBlank();
              assertThat(event.getAction()).isEqualTo("Evaluate");
            });
    assertThat(fixture.policyEvents("p").getLast().getNote())
        .contains("spec.namespaces.limitRange.limits[0].maxLimitRequestRatio[memory]");
    assertThat(Kubectl.run("describe", "cgp", fixture.id + "-p"))
        .containsPattern(
            "(?m)Warning +ViolationsFound .*Compliant is False: 1 violation: 1 medium$")
        .containsPattern("Warning +InvalidSpec ");
  }

  @Test
  void aRestartReportsOnlyChangesSinceThen() {
    var namespace = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(policyEvents()).hasSize(2));
    SharedOperator.stop();
    fixture.foreignLimitRange(namespace, "theirs");
    SharedOperator.get();
    eventually(
        () ->
            assertThat(policyEvents())
                .containsExactly("Normal Enforced", "Normal Compliant", "Warning ViolationsFound"));
  }

  @Test
  void aNamespaceThatLeavesByItsLabelsIsReported() {
    var leaves = fixture.namespace("leaves");
    var dropped = fixture.namespace("dropped");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));

    fixture.relabel(leaves, "none");
    eventually(
        () ->
            assertThat(fixture.namespaceEvents(leaves))
                .filteredOn(event -> event.getReason().equals("LeftPolicy"))
                .singleElement()
                .satisfies(
                    event -> {
                      assertThat(event.getType()).isEqualTo("Warning");
                      assertThat(event.getNote())
                          .contains("policy " + fixture.id + "-p no longer selects it")
                          .contains("no policy governs it now");
                    }));

    // The author of a policy change expects its effects.
    fixture.apply("p", fixture.yaml("p", "mode: Enforce", 256).replace("*-excluded", "*-dropped"));
    eventually(() -> assertThat(fixture.limitRange(dropped)).isNull());
    fixture.relabel(dropped, "none");
    fixture.relabel(leaves, fixture.id);
    eventually(() -> assertThat(fixture.limitRange(leaves)).isNotNull());
    fixture.relabel(leaves, "none");
    eventually(
        () ->
            assertThat(fixture.namespaceEvents(leaves))
                .filteredOn(event -> event.getReason().equals("LeftPolicy"))
                .hasSize(2));
    assertThat(fixture.namespaceEvents(dropped))
        .extracting(Event::getReason)
        .doesNotContain("LeftPolicy");
  }
}
