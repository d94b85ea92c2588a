package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.FleetOperator.PIDS;
import static io.cgrouppolicy.testing.FleetOperator.nodes;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The switch for clusters whose kubelets cannot be verified, with its warnings.
class InsecureKubeletsIT {
  @RegisterExtension
  static final FleetOperator operator =
      new FleetOperator("1S")
          .with("CGROUP_POLICY_KUBELET_CA_FILE", "")
          .with("CGROUP_POLICY_KUBELET_INSECURE_SKIP_TLS_VERIFY", "true");

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void readsAnyServerAndWarnsFromTheStart() {
    eventually(
        () ->
            assertThat(operator.process().metrics())
                .as("before there is anything to ask")
                .contains("cgroup_policy_kubelet_insecure 1.0"));
    assertThat(operator.process().log())
        .contains("\"WARN\"")
        .contains("Kubelets are not verified (cgroup-policy.kubelet.insecure-skip-tls-verify)");

    operator.node(fixture, "a").hardened().start();
    operator.node(fixture, "b").hardened().behave(Behaviour.OTHER_CA).start();
    operator.node(fixture, "c").hardened().behave(Behaviour.WRONG_SAN).start();
    operator.policy(fixture, "p", "", PIDS);
    eventually(
        () ->
            assertThat(nodes(fixture, "p"))
                .isEqualTo("3 selected: 3 compliant, 0 drifted, 0 unknown; True Compliant"));
  }
}
