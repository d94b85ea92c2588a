package io.cgrouppolicy.delivery.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.core.check.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What can be said of alerts, runbooks and the dashboard without Prometheus.
class MonitoringTest {
  private static final String BOOKS =
      "https://github.com/cgroup-policy/cgroup-policy/blob/main/docs/runbooks/";

  @Test
  void seriesAreFoundInExpressions() {
    assertThat(
            PromQl.selectors(
                """
                sum by (a) (max by (b, c) (x_total{d="e", f=~"g|h, {i}", j!='k'})) > 0
                or histogram_quantile(0.99, sum by (le) (rate(y_bucket[$__rate_interval])))
                and on (l, m) group_left (n) max_over_time(z[5m] offset 1h) == bool 1
                unless avg without (o) (:p:q)
                """))
        .extracting(selector -> selector.metric() + selector.labels())
        .containsExactly("x_total{d=e, f=g|h, {i}, j=k}", "y_bucket{}", "z{}", ":p:q{}");
  }

  @Test
  void anAlertSaysWhatItIsAndWhatToDo() throws IOException {
    var names = new ArrayList<String>();
    for (var alert : Monitoring.alerts()) {
      var name = alert.path("alert").asText();
      names.add(name);
      assertThat(name).startsWith("CgroupPolicy");
      assertThat(alert.at("/labels/severity").asText())
          .as(name)
          .isIn("info", "warning", "critical");
      assertThat(alert.path("for").asText()).as(name).matches("[1-9][0-9]*[mh]");
      assertThat(alert.at("/annotations/summary").asText()).as(name).isNotBlank().endsWith(".");
      assertThat(alert.at("/annotations/description").asText()).as(name).isNotBlank();
      assertThat(alert.at("/annotations/runbook_url").asText()).isEqualTo(BOOKS + name + ".md");
    }
    assertThat(names).hasSizeGreaterThan(10).doesNotHaveDuplicates();
  }

  @Test
  void eachAlertHasARunbookAndEachRunbookAnAlert() throws IOException {
    var alerts = new TreeSet<String>();
    for (var alert : Monitoring.alerts()) {
      alerts.add(alert.path("alert").asText());
    }
    var index = Files.readString(Monitoring.RUNBOOKS.resolve("README.md"));
    var runbooks = new TreeSet<String>();
    try (var files = Files.list(Monitoring.RUNBOOKS)) {
      for (var file : (Iterable<Path>) files::iterator) {
        var name = file.getFileName().toString().replaceFirst("\\.md$", "");
        if (name.equals("README")) {
          continue;
        }
        runbooks.add(name);
        assertThat(Files.readString(file))
            .startsWith("# " + name + "\n")
            .containsSubsequence("## Meaning", "## Impact", "## Diagnosis", "## Mitigation");
        assertThat(index).contains("[" + name + "](" + name + ".md)");
      }
    }
    assertThat(runbooks).isEqualTo(alerts);
  }

  /// That it fires and that it does not; AlertsGate runs them.
  @Test
  void eachAlertHasUnitTests() throws IOException {
    var tests = new StringBuilder();
    try (var files = Files.list(Monitoring.UNIT_TESTS)) {
      for (var file : (Iterable<Path>) files::iterator) {
        tests.append(Files.readString(file));
      }
    }
    for (var alert : Monitoring.alerts()) {
      var name = alert.path("alert").asText();
      var test =
          Pattern.quote("alertname=\"" + name + "\", alertstate=\"firing\"}) or vector(0)")
              + "\\s+eval_time: \\w+\\s+";
      assertThat(tests.toString())
          .as(name)
          .containsPattern(test + "exp_samples: \\[\\{labels: '\\{\\}', value: [1-9]")
          .containsPattern(test + "exp_samples: \\[\\{labels: '\\{\\}', value: 0\\}");
    }
  }

  @Test
  void checksInExpressionsAreInTheCatalogue() throws IOException {
    var catalogue = Arrays.stream(Check.values()).map(Enum::name).toList();
    for (var alert : Monitoring.alerts()) {
      for (var selector : PromQl.selectors(alert.path("expr").asText())) {
        var checks = selector.labels().get("check");
        if (checks != null) {
          assertThat(catalogue).containsAll(List.of(checks.split("\\|")));
        }
      }
    }
  }

  @Test
  void theDashboardCanBeImportedAnywhere() throws IOException {
    var dashboard = Monitoring.dashboard();
    assertThat(dashboard.path("uid").asText()).isEqualTo("cgroup-policy-operator");
    assertThat(dashboard.has("id")).as("an id of one Grafana").isFalse();
    assertThat(dashboard.at("/templating/list/0/name").asText()).isEqualTo("datasource");
    assertThat(dashboard.at("/templating/list/0/type").asText()).isEqualTo("datasource");
    int panels = 0;
    for (var panel : dashboard.path("panels")) {
      assertThat(panel.path("title").asText()).isNotBlank();
      for (var target : panel.path("targets")) {
        panels++;
        assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
        assertThat(PromQl.selectors(target.path("expr").asText())).isNotEmpty();
      }
    }
    assertThat(panels).isGreaterThan(10);
    assertThat(overlaps(dashboard.path("panels"))).isEmpty();
  }

  private static List<String> overlaps(JsonNode panels) {
    var taken = new HashSet<String>();
    var twice = new ArrayList<String>();
    for (var panel : panels) {
      var at = panel.path("gridPos");
      assertThat(at.path("x").asInt() + at.path("w").asInt()).isLessThanOrEqualTo(24);
      for (int x = 0; x < at.path("w").asInt(); x++) {
        for (int y = 0; y < at.path("h").asInt(); y++) {
          var cell = at.path("x").asInt() + x + "," + (at.path("y").asInt() + y);
          if (!taken.add(cell)) {
            twice.add(panel.path("title").asText() + " at " + cell);
          }
        }
      }
    }
    return twice;
  }
}
