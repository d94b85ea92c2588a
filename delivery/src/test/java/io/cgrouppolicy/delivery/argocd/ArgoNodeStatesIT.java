package io.cgrouppolicy.delivery.argocd;

import static io.cgrouppolicy.testing.FleetOperator.HARDENED;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.Summary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The health that Argo CD would show for real policies about nodes.
class ArgoNodeStatesIT {
  private static final String PRESSURE = ", pressure: {memory: {full: 1}}";

  /// A long timeout, so that the state before a kubelet's answer is visible.
  @RegisterExtension
  static final FleetOperator operator =
      new FleetOperator(FleetOperator.NEVER)
          .with("CGROUP_POLICY_KUBELET_TIMEOUT", "20S")
          .with("CGROUP_POLICY_PRESSURE_INTERVAL", "1S");

  @RegisterExtension final Fixture fixture = new Fixture();

  private final States states = new States(fixture);

  @Test
  void aKubeletIsWaitedFor() {
    operator.node(fixture, "a").hardened().behave(Behaviour.HANG_AFTER_REQUEST).start();
    operator.policy(fixture, "nodes", "", HARDENED);
    states.is(
        "observing",
        "nodes",
        () -> {
          assertThat(fixture.status("nodes", "Ready")).isEqualTo("Unknown Observing");
          assertThat(fixture.status("nodes", "Reconciling")).isEqualTo("True Observing");
        });
  }

  @Test
  void compliant() {
    operator.node(fixture, "a").hardened().summary(Summary.quiet()).start();
    operator.policy(fixture, "nodes", "mode: Enforce, ", HARDENED + PRESSURE);
    states.is("nodes-compliant", "nodes", "True Enforced", "True Compliant");
  }

  @Test
  void aNodeDriftedAndIsUnderPressure() {
    operator
        .node(fixture, "a")
        .defaults()
        .summary(Summary.quiet().psi("memory", "full", 3, 12.3))
        .start();
    operator.policy(fixture, "nodes", "mode: Enforce, ", HARDENED + PRESSURE);
    states.is("nodes-drifted", "nodes", "True Enforced", "False ViolationsFound");
  }

  @Test
  void aKubeletDoesNotAnswer() {
    operator.node(fixture, "a").hardened().behave(Behaviour.STATUS_403).start();
    operator.policy(fixture, "nodes", "mode: Enforce, ", HARDENED + PRESSURE);
    states.is("nodes-unknown", "nodes", "True Enforced", "Unknown Undetermined");
  }
}
