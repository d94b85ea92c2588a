package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.SharedOperator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The metrics of a live operator, as scraped by Prometheus.
class MetricsIT {
  private final OperatorProcess operator = SharedOperator.get();

  @RegisterExtension final Fixture fixture = new Fixture();

  private double namespaces(String state) {
    return operator.metric(
        "cgroup_policy_namespaces{policy=\"" + fixture.id + "-p\",state=\"" + state + "\"}");
  }

  @Test
  void haveVerdictsRevertsAndProtectionWithBoundedLabels() {
    var namespace = fixture.namespace("a");
    var conflicting = fixture.namespace("b");
    fixture.foreignLimitRange(conflicting, "theirs");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(
        () -> {
          assertThat(namespaces("compliant")).isEqualTo(1);
          assertThat(namespaces("nonCompliant")).isEqualTo(1);
          assertThat(namespaces("pending")).isZero();
          assertThat(
                  operator.metric(
                      "cgroup_policy_violations{check=\"LimitRangeConflict\",policy=\""
                          + fixture.id
                          + "-p\",severity=\"Medium\"}"))
              .isEqualTo(1);
        });
    double reverts = operator.metric("cgroup_policy_reverts_total");
    fixture.edit(namespace, "9Gi");
    eventually(
        () -> assertThat(operator.metric("cgroup_policy_reverts_total")).isEqualTo(reverts + 1));
    var scrape = operator.metrics();
    assertThat(scrape).contains("cgroup_policy_namespace_protection_seconds_bucket{le=\"0.05\"}");
    assertThat(scrape).as("names of namespaces").doesNotContain(namespace, conflicting);

    fixture.delete("p");
    eventually(
        () ->
            assertThat(operator.metrics())
                .as("series of a policy that is gone")
                .doesNotContain(fixture.id));
  }

  /// A client that holds all connections delays others only this long.
  @Test
  void haveOneHundredConnectionsAtMost() throws IOException {
    eventually(() -> assertThat(operator.metrics()).startsWith("200"));
    var port = operator.metricsAddress().getPort();
    var sockets = new ArrayList<Socket>();
    try {
      while (sockets.size() <= 100) {
        sockets.add(new Socket(InetAddress.getLoopbackAddress(), port));
      }
      var last = sockets.getLast();
      last.setSoTimeout(5_000); // shorter than the time limit for headers
      assertThat(last.getInputStream().read()).as("end of the stream").isEqualTo(-1);
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
    eventually(() -> assertThat(operator.metrics()).startsWith("200"));
  }

  @Test
  void timeHowLongANewNamespaceGoesWithoutItsObjects() {
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced"));
    eventually(
        () -> {
          var name = fixture.namespace("n" + System.nanoTime());
          eventually(() -> assertThat(fixture.quota(name)).isNotNull());
          assertThat(operator.metric("cgroup_policy_namespace_protection_seconds_count"))
              .as("not in the first seconds of an operator")
              .isPositive();
        });
  }

  /// The SDK's metrics, of the version that the alerts use.
  @Test
  void theSdkUsesMicrometerMetricsV2() {
    eventually(
        () ->
            assertThat(operator.metrics())
                .contains("reconciliations_success_total{controller_name=\"namespace\"}")
                .contains("reconciliations_execution_duration_seconds_count{")
                .contains("custom_resources{controller_name=\"cgrouppolicy\"}"));
  }
}
