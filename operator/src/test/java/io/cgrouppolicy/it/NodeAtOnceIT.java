package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.FleetOperator.PIDS;
import static io.cgrouppolicy.testing.FleetOperator.nodes;
import static io.cgrouppolicy.testing.FleetOperator.violations;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Changes that do not wait for the next read of a kubelet, which never comes in these tests.
class NodeAtOnceIT {
  private static final Map<String, Consumer<SimulatedKubelet>> RESTARTS =
      Map.of(
          "another version", kubelet -> kubelet.version("v1.36.4"),
          "another boot", kubelet -> kubelet.bootId("another"),
          "another address",
              kubelet ->
                  kubelet.node(n -> n.editStatus().addNewAddress("h", "ExternalDNS").endStatus()));

  @RegisterExtension static final FleetOperator operator = new FleetOperator(FleetOperator.NEVER);

  @RegisterExtension final Fixture fixture = new Fixture();

  private void becomes(String line) {
    eventually(() -> assertThat(nodes(fixture, "p")).isEqualTo(line));
  }

  @Test
  void newNodesAreAskedAndGoneOnesLeaveTheCounters() {
    operator.policy(fixture, "p", "", PIDS);
    becomes("0 selected: 0 compliant, 0 drifted, 0 unknown; Unknown NothingSelected");
    operator.node(fixture, "a").hardened().start();
    becomes("1 selected: 1 compliant, 0 drifted, 0 unknown; True Compliant");
    var b = operator.node(fixture, "b").defaults().start();
    becomes("2 selected: 1 compliant, 1 drifted, 0 unknown; False DriftFound");

    fixture.client.nodes().withName(b.name()).delete();
    becomes("1 selected: 1 compliant, 0 drifted, 0 unknown; True Compliant");
    assertThat(violations(fixture, "p")).isEmpty();

    b.hardened();
    fixture.client.resource(b.node()).create();
    becomes("2 selected: 2 compliant, 0 drifted, 0 unknown; True Compliant");
    assertThat(b.seen().requests()).as("a node of the same name is another").isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"another version", "another boot", "another address"})
  void aKubeletThatWasRestartedIsAskedAgain(String what) {
    var kubelet = operator.node(fixture, "a").hardened().start();
    operator.policy(fixture, "p", "", PIDS);
    becomes("1 selected: 1 compliant, 0 drifted, 0 unknown; True Compliant");
    kubelet.patch("{\"podPidsLimit\": 8192}").labels(Map.of("nothing", "of-interest"));
    operator.node(fixture, "later").hardened().start();
    becomes("2 selected: 2 compliant, 0 drifted, 0 unknown; True Compliant");
    assertThat(kubelet.seen().requests()).as("labels are no reason to ask").isEqualTo(1);
    RESTARTS.get(what).accept(kubelet);
    becomes("2 selected: 1 compliant, 1 drifted, 0 unknown; False DriftFound");
    assertThat(kubelet.seen().requests()).isEqualTo(2);
  }

  @Test
  void aNodeThatIsNotReadyIsUnknownAndAskedWhenItIsReadyAgain() {
    var kubelet = operator.node(fixture, "a").hardened().start();
    operator.policy(fixture, "p", "", PIDS);
    becomes("1 selected: 1 compliant, 0 drifted, 0 unknown; True Compliant");
    kubelet.ready(false);
    becomes("1 selected: 0 compliant, 0 drifted, 1 unknown; Unknown KubeletsUnknown");
    assertThat(violations(fixture, "p"))
        .containsExactly("KubeletUnreachable a: the kubelet's configuration | NodeNotReady");
    assertThat(fixture.get("p").getStatus().violations().getFirst().message())
        .contains("; it last answered at ");
    kubelet.patch("{\"podPidsLimit\": 8192}").ready(true);
    becomes("1 selected: 0 compliant, 1 drifted, 0 unknown; False DriftFound");
    assertThat(kubelet.seen().requests()).isEqualTo(2);
  }

  @Test
  void aKubeletThatIsTooOldIsNotAskedUntilItsNodeIsUpgraded() {
    var kubelet = operator.node(fixture, "a").hardened().version("v1.31.4").start();
    operator.policy(fixture, "p", "", PIDS);
    becomes("1 selected: 0 compliant, 0 drifted, 1 unknown; Unknown KubeletsUnknown");
    assertThat(violations(fixture, "p"))
        .containsExactly("KubeletUnauthorized a: the kubelet's configuration | KubeletTooOld");
    assertThat(fixture.get("p").getStatus().violations().getFirst().message())
        .contains("this one is v1.31.4 (CGROUP_POLICY_KUBELET_ACCESS=proxy works with it)");
    assertThat(kubelet.seen().connections()).isZero();
    kubelet.version("v1.33.0");
    becomes("1 selected: 1 compliant, 0 drifted, 0 unknown; True Compliant");
  }

  @Test
  void aPolicysChangeJudgesWhatIsKnown() {
    var kubelets =
        List.of(
            operator.node(fixture, "a").hardened().start(),
            operator.node(fixture, "b").hardened().start());
    operator.policy(fixture, "p", "", PIDS);
    becomes("2 selected: 2 compliant, 0 drifted, 0 unknown; True Compliant");
    operator.policy(fixture, "p", "", "kubelet: {podPidsLimit: 100}");
    becomes("2 selected: 0 compliant, 2 drifted, 0 unknown; False DriftFound");
    assertThat(kubelets).allSatisfy(k -> assertThat(k.seen().requests()).isEqualTo(1));
  }
}
