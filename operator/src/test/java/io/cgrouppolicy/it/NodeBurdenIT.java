package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static io.cgrouppolicy.testing.FleetOperator.HARDENED;
import static io.cgrouppolicy.testing.FleetOperator.PIDS;
import static io.cgrouppolicy.testing.FleetOperator.nodes;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Reading kubelets costs the API server nothing while nothing changes, and does not delay
/// namespaces.
class NodeBurdenIT {
  @RegisterExtension static final FleetOperator operator = new FleetOperator("1S");
  @RegisterExtension final Fixture fixture = new Fixture();

  private List<SimulatedKubelet> kubelets(String name, int n, Behaviour behaviour) {
    return operator
        .fleet()
        .nodes(
            fixture.id + "-" + name,
            n,
            k -> k.hardened().behave(behaviour).labels(Map.of("test", fixture.id)));
  }

  @Test
  @EmbeddedCluster("audit log")
  void aConvergedFleetSeesNoWritesHoweverOftenItIsAsked() {
    var good = kubelets("good", 20, Behaviour.ANSWER);
    kubelets("hang", 2, Behaviour.HANG_AFTER_REQUEST);
    kubelets("refuse", 2, Behaviour.REFUSE);
    kubelets("broken", 2, Behaviour.STATUS_500);
    operator.policy(fixture, "p", "", HARDENED);
    within(
        Duration.ofSeconds(60),
        () -> {
          assertThat(nodes(fixture, "p"))
              .isEqualTo(
                  "26 selected: 20 compliant, 0 drifted, 6 unknown; Unknown KubeletsUnknown");
          assertThat(fixture.policyEvents("p")).as("Audited").hasSize(1);
        });
    int before = LocalCluster.get().operatorWrites().size();
    int asked = good.getFirst().seen().requests();
    var end = Instant.now().plusSeconds(15);
    Awaitility.await()
        .atMost(Duration.ofSeconds(25))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> Instant.now().isAfter(end));
    assertThat(good.getFirst().seen().requests()).isGreaterThan(asked + 5);
    assertThat(LocalCluster.get().operatorWrites().stream().skip(before)).isEmpty();
    assertThat(LocalCluster.get().operatorWrites())
        .as("of all operators so far")
        .isNotEmpty()
        .noneMatch(write -> write.contains("/api/v1/nodes"));
  }

  @Test
  void kubeletsThatHangDoNotDelayNamespaces() {
    var hanging = kubelets("hang", 40, Behaviour.HANG_AFTER_REQUEST);
    operator.policy(fixture, "nodes", "", PIDS);
    fixture.policy("p", "mode: Enforce", 256);
    within(
        Duration.ofSeconds(60),
        () -> {
          assertThat(hanging).allSatisfy(k -> assertThat(k.seen().requests()).isPositive());
          assertThat(nodes(fixture, "nodes"))
              .isEqualTo(
                  "40 selected: 0 compliant, 0 drifted, 40 unknown; Unknown KubeletsUnknown");
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
        });
    for (int i = 0; i < 5; i++) {
      var namespace = fixture.namespace("n" + i);
      within(Duration.ofSeconds(5), () -> assertThat(fixture.quota(namespace)).isNotNull());
    }
    assertThat(
            operator
                .process()
                .metric("cgroup_policy_namespace_protection_seconds_bucket{le=\"1.0\"}"))
        .as("of five")
        .isGreaterThanOrEqualTo(4);
    // A healthy kubelet among them is not delayed either.
    kubelets("good", 1, Behaviour.ANSWER);
    eventually(() -> assertThat(nodes(fixture, "nodes")).contains("1 compliant"));
  }
}
