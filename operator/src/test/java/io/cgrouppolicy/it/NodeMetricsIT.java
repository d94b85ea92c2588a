package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.FleetOperator.PIDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The metrics about nodes.
class NodeMetricsIT {
  private static final String AGE = "cgroup_policy_kubelet_oldest_answer_age_seconds";

  @RegisterExtension static final FleetOperator operator = new FleetOperator("1S");
  @RegisterExtension final Fixture fixture = new Fixture();

  private double counted(String state) {
    return operator
        .process()
        .metric("cgroup_policy_nodes{policy=\"" + fixture.id + "-p\",state=\"" + state + "\"}");
  }

  @Test
  void haveVerdictsAndTheAgeOfAnswersWithBoundedLabels() {
    operator.node(fixture, "a").hardened().start();
    operator.node(fixture, "b").hardened().start();
    operator.node(fixture, "c").defaults().start();
    var silent = operator.node(fixture, "d").hardened().start();
    operator.policy(fixture, "p", "", PIDS);
    eventually(
        () -> {
          assertThat(counted("compliant")).isEqualTo(3);
          assertThat(counted("drifted")).isEqualTo(1);
          assertThat(counted("unknown")).isZero();
          assertThat(
                  operator
                      .process()
                      .metric(
                          "cgroup_policy_violations{check=\"KubeletPodPidsLimit\",policy=\""
                              + fixture.id
                              + "-p\",severity=\"High\"}"))
              .isEqualTo(1);
        });
    eventually(() -> assertThat(operator.process().metric(AGE)).isBetween(0.0, 5.0));

    silent.behave(Behaviour.REFUSE);
    eventually(
        () -> {
          assertThat(counted("unknown")).isEqualTo(1);
          assertThat(operator.process().metric(AGE)).as("it grows").isGreaterThan(6);
        });
    var scrape = operator.process().metrics();
    assertThat(scrape).as("names of nodes").doesNotContain(silent.name(), fixture.id + "-a");
    assertThat(scrape).contains("cgroup_policy_kubelet_insecure 0.0");

    fixture.client.nodes().withName(silent.name()).delete();
    eventually(
        () ->
            assertThat(operator.process().metric(AGE))
                .as("a node that is gone does not age")
                .isBetween(0.0, 5.0));
    fixture.delete("p");
    eventually(
        () -> {
          assertThat(operator.process().metrics()).doesNotContain(fixture.id);
          assertThat(operator.process().metric(AGE)).as("nothing is asked").isZero();
        });
  }
}
