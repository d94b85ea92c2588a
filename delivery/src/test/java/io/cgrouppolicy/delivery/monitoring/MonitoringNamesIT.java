package io.cgrouppolicy.delivery.monitoring;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.OperatorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The metrics that alerts, dashboard and pages name occur in a scrape of an operator with every
/// kind of result.
class MonitoringNamesIT {
  /// Added by Prometheus or by recording rules.
  private static final Set<String> OF_PROMETHEUS =
      Set.of("cluster", "job", "instance", "pod", "namespace");

  @RegisterExtension
  static final FleetOperator operator =
      new FleetOperator("1S").with("CGROUP_POLICY_PRESSURE_INTERVAL", "1S");

  @RegisterExtension final Fixture fixture = new Fixture();

  @Test
  void everyQueriedSeriesExists() throws IOException {
    var scrape = MetricsPage.parse(EveryResult.scrape(operator, fixture));
    for (var asked : Monitoring.asked()) {
      if (asked.metric().equals("ALERTS")) { // of Prometheus
        continue;
      }
      assertThat(scrape.series()).as(asked.where()).containsKey(asked.metric());
      var labels = new TreeSet<>(asked.labels());
      labels.removeAll(OF_PROMETHEUS);
      assertThat(scrape.series().get(asked.metric()))
          .as("labels that %s asks of %s", asked.where(), asked.metric())
          .containsAll(labels);
    }
    for (var controller : Set.of("cgrouppolicy", "namespace", "node")) {
      assertThat(operator.process().metrics())
          .as("a controller's counter is there before it counts")
          .contains("reconciliations_failure_total{controller_name=\"" + controller + "\"} 0.0");
    }

    var page = MetricsPage.render(scrape);
    if (System.getenv("UPDATE_GOLDEN") != null) {
      Files.writeString(MetricsPage.FILE, page);
    }
    assertThat(Files.readString(MetricsPage.FILE))
        .as("rewritten by this test with UPDATE_GOLDEN=true")
        .isEqualTo(page);
  }

  /// Otherwise `max by (policy)` would include the outdated view of a former leader.
  @Test
  void aStandbyReportsNothingAboutPolicies() {
    fixture.namespace("n");
    fixture.policy("p", "mode: Enforce", 256);
    eventually(() -> assertThat(operator.process().metrics()).contains("cgroup_policy_condition{"));
    try (OperatorProcess follower = operator.start()) {
      eventually(
          () -> {
            assertThat(follower.get("/q/health/ready")).startsWith("200");
            assertThat(follower.metric("cgroup_policy_watch_up{resource=\"nodes\"}")).isEqualTo(1);
          });
      assertThat(follower.leads()).isFalse();
      assertThat(follower.metrics()).contains("cgroup_policy_leader 0.0");
      assertThat(
              follower
                  .metrics()
                  .lines()
                  .filter(line -> line.contains("policy=\"") && !line.endsWith(" NaN"))
                  .collect(Collectors.toSet()))
          .isEmpty();
    }
  }
}
