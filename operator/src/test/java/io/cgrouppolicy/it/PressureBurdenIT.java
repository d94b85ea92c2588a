package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static io.cgrouppolicy.testing.FleetOperator.PIDS;
import static io.cgrouppolicy.testing.FleetOperator.pressure;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.cgrouppolicy.testing.kubelet.Summary;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Reading pressure costs the API server nothing while figures stay similar, and does not delay
/// other nodes.
class PressureBurdenIT {
  private static final String SUMMARY = "/stats/summary";
  private static final String FULL = "pressure: {memory: {full: 1}, io: {full: 10}}";

  @RegisterExtension
  static final FleetOperator operator =
      new FleetOperator(FleetOperator.NEVER).with("CGROUP_POLICY_PRESSURE_INTERVAL", "1S");

  @RegisterExtension final Fixture fixture = new Fixture();

  private SimulatedKubelet node(String name, Summary summary) {
    return operator.node(fixture, name).hardened().summary(summary);
  }

  private String message(String node) {
    return FleetOperator.message(fixture, "p", node);
  }

  @Test
  @EmbeddedCluster("audit log")
  void figuresThatStayCloseCauseNoWrites() {
    var pressed = node("a", Summary.quiet()).start();
    node("b", Summary.quiet()).start();
    node("off", Summary.quiet().off()).start();
    node("hangs", Summary.quiet()).behave(SUMMARY, Behaviour.HANG_AFTER_REQUEST).start();
    pressed.summary(moving(12.4));
    operator.policy(fixture, "p", "", FULL);
    eventually(
        () ->
            assertThat(pressure(fixture, "p"))
                .isEqualTo("2 observed, 1 above, 2 unavailable; False PressureAbove"));
    eventually(
        () -> assertThat(fixture.policyEvents("p")).as("Audited, ViolationsFound").hasSize(2));
    var status = fixture.get("p").getStatus();
    int before = LocalCluster.get().operatorWrites().size();
    for (double percent : new double[] {12.6, 11.9, 12.0, 13.3, 11.3}) {
      pressed.summary(moving(percent));
      int asked = pressed.seen().requests(SUMMARY);
      eventually(() -> assertThat(pressed.seen().requests(SUMMARY)).isGreaterThan(asked + 1));
    }
    assertThat(LocalCluster.get().operatorWrites().stream().skip(before)).isEmpty();
    assertThat(fixture.get("p").getStatus()).isEqualTo(status);
    pressed.summary(moving(20));
    eventually(
        () -> assertThat(message("a")).contains("memory full 20 % over 60 s (threshold 1 %)"));
  }

  private static Summary moving(double percent) {
    return Summary.quiet()
        .psi("memory", "full", percent, percent)
        .pod("shop", "cache-0", (long) (percent * (1 << 29)))
        .podPsi("cache-0", "memory", "full", percent, percent)
        .pod("shop", "cache-1", (long) ((24 - percent) * (1 << 29)))
        .podPsi("cache-1", "memory", "full", percent, 24 - percent);
  }

  /// Many hanging kubelets affect only their own verdicts.
  @Test
  void kubeletsThatHangHoldUpNeitherPressureNorConfiguration() {
    operator
        .fleet()
        .nodes(
            fixture.id + "-hang",
            60,
            k ->
                k.hardened()
                    .behave(SUMMARY, Behaviour.HANG_AFTER_REQUEST)
                    .labels(Map.of("test", fixture.id)));
    operator.policy(fixture, "p", "", FULL + ", " + PIDS);
    within(
        Duration.ofSeconds(60),
        () ->
            assertThat(pressure(fixture, "p"))
                .isEqualTo("0 observed, 0 above, 60 unavailable; Unknown PressureUnavailable"));
    node("late", Summary.quiet().psi("io", "full", 20, 20)).start();
    within(
        Duration.ofSeconds(5),
        () -> {
          assertThat(pressure(fixture, "p")).startsWith("1 observed, 1 above, 60 unavailable");
          assertThat(FleetOperator.nodes(fixture, "p")).startsWith("61 selected: 61 compliant");
        });
  }
}
