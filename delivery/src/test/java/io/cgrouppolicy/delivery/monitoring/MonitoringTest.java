package io.cgrouppolicy.delivery.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What can be checked of alerts, runbooks and the dashboard without Prometheus and Grafana.
class MonitoringTest {
  private static final String REPOSITORY =
      "https://github.com/cgroup-policy/cgroup-policy/blob/main/";

  private static final String BOOKS = REPOSITORY + "docs/runbooks/";

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
  void anAlertSaysWhatHappenedAndWhatToDo() throws IOException {
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
    var index = Files.readString(Monitoring.RUNBOOKS.resolve("README.md"));
    for (var alert : Monitoring.alerts()) {
      var name = alert.path("alert").asText();
      alerts.add(name);
      assertThat(index)
          .contains(
              "| [%s](%s.md) | %s | %s | "
                  .formatted(
                      name,
                      name,
                      alert.at("/labels/severity").asText(),
                      alert.path("for").asText()));
    }
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
      }
    }
    assertThat(runbooks).isEqualTo(alerts);
  }

  /// One in which it fires and one in which it does not; AlertsGate runs them.
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

  /// For a Prometheus that holds several clusters, each with a policy of the same name.
  @Test
  void noAlertMixesClusters() throws IOException {
    for (var alert : Monitoring.alerts()) {
      var name = alert.path("alert").asText();
      var expression = alert.path("expr").asText();
      var labels =
          Pattern.compile("\\b(?:by|on) \\(([^)]*)\\)").matcher(expression).results().toList();
      assertThat(labels).as(name).isNotEmpty();
      assertThat(labels)
          .as(name)
          .allSatisfy(list -> assertThat(list.group(1).split(", ")).contains("cluster"));
      assertThat(expression).as(name).doesNotContainPattern("\\b(sum|max|min|count) ?\\(");
    }
  }

  private static List<String> checks(String expression) {
    return PromQl.selectors(expression).stream()
        .filter(selector -> selector.labels().containsKey("check"))
        .flatMap(selector -> Arrays.stream(selector.labels().get("check").split("\\|")))
        .toList();
  }

  @Test
  void checksInExpressionsAreInTheCatalog() throws IOException {
    var catalog = Arrays.stream(Check.values()).map(Enum::name).toList();
    for (var alert : Monitoring.alerts()) {
      assertThat(catalog).containsAll(checks(alert.path("expr").asText()));
    }
  }

  /// Besides the first panels, which show them all.
  @Test
  void theDashboardHasEachCheckInItsRow() throws IOException {
    var rows = new TreeMap<String, TreeSet<String>>();
    var row = "";
    for (var panel : Monitoring.dashboard().path("panels")) {
      if (panel.path("type").asText().equals("row")) {
        row = panel.path("title").asText();
      }
      for (var target : panel.path("targets")) {
        rows.computeIfAbsent(row, title -> new TreeSet<>())
            .addAll(checks(target.path("expr").asText()));
      }
    }
    for (var check : Check.values()) {
      var home =
          switch (check.area()) {
            case NAMESPACES -> "Namespaces";
            case WORKLOADS -> "Workloads";
            case NODES -> "Kubelets";
            case PRESSURE -> "Pressure";
          };
      assertThat(rows.get(home)).contains(check.name());
      rows.get(home).remove(check.name());
    }
    for (var home : List.of("Namespaces", "Workloads", "Kubelets", "Pressure")) {
      assertThat(rows.get(home)).as("unknown checks in row " + home).isEmpty();
    }
  }

  @Test
  void theDashboardCanBeImportedAnywhere() throws IOException {
    var dashboard = Monitoring.dashboard();
    assertThat(dashboard.path("uid").asText()).isEqualTo("cgroup-policy-operator");
    assertThat(dashboard.has("id")).as("an id of one Grafana").isFalse();
    assertThat(dashboard.at("/templating/list/0/name").asText()).isEqualTo("datasource");
    assertThat(dashboard.at("/templating/list/0/type").asText()).isEqualTo("datasource");
    var ids = new HashSet<Integer>();
    int queries = 0;
    for (var panel : dashboard.path("panels")) {
      assertThat(ids.add(panel.path("id").asInt())).isTrue();
      for (var target : panel.path("targets")) {
        queries++;
        assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
      }
    }
    assertThat(queries).isGreaterThan(10);
  }

  /// Most of this is what Grafana's dashboard-linter requires.
  @Test
  void aPanelExplainsItself() throws IOException {
    var titles = new HashSet<String>();
    for (var panel : Monitoring.dashboard().path("panels")) {
      var title = panel.path("title").asText();
      assertThat(title).isNotBlank();
      if (panel.path("type").asText().equals("row")) {
        continue;
      }
      assertThat(titles.add(title)).as(title + " is the only one").isTrue();
      assertThat(panel.path("description").asText()).as(title).endsWith(".");
      var defaults = panel.at("/fieldConfig/defaults");
      assertThat(defaults.path("noValue").asText()).as("without data, " + title).isNotBlank();
      assertThat(defaults.has("unit") || defaults.has("mappings")).as("unit of " + title).isTrue();
      for (var target : panel.path("targets")) {
        if (!panel.path("type").asText().equals("table")) {
          assertThat(target.path("legendFormat").asText()).as("legend of " + title).isNotBlank();
        }
      }
    }
  }

  /// The first row is read in a hurry: a color says whether it is bad, a click what to do.
  @Test
  void theFirstRowHasColorsAndLinks() throws IOException {
    int stats = 0;
    for (var panel : Monitoring.dashboard().path("panels")) {
      if (panel.path("type").asText().equals("stat")) {
        var title = panel.path("title").asText();
        var defaults = panel.at("/fieldConfig/defaults");
        assertThat(defaults.at("/thresholds/steps").size()).as(title).isGreaterThan(1);
        assertThat(defaults.path("links")).as(title).isNotEmpty();
        assertThat(panel.at("/gridPos/y").asInt()).as(title).isLessThan(10);
        stats++;
      }
    }
    assertThat(stats).isGreaterThan(8);
  }

  @Test
  void theQueriesFollowTheVariables() throws IOException {
    for (var query : Monitoring.queries()) {
      assertThat(PromQl.selectors(query.expression()))
          .as(query.where())
          .isNotEmpty()
          .allSatisfy(
              selector -> {
                assertThat(selector.labels()).containsEntry("cluster", "$cluster");
                if (!selector.metric().equals("ALERTS")) {
                  assertThat(selector.labels()).containsEntry("job", "$job");
                }
              });
      assertThat(query.expression())
          .as(query.where())
          .doesNotContainPattern("\\brate\\([^\\[]*\\[(?!\\$__rate_interval])");
    }
  }

  @Test
  void theLinksOfTheDashboardLeadToPages() throws IOException {
    int links = 0;
    for (var url : Monitoring.dashboard().findValuesAsText("url")) {
      links++;
      assertThat(url).startsWith(REPOSITORY);
      var page = url.substring(REPOSITORY.length()).replaceFirst("#.*", "");
      if (page.endsWith("/${__value.raw}.md")) { // the name of an alert
        page = page.replaceFirst("/[^/]*$", "");
      }
      assertThat(Path.of(page)).exists();
    }
    assertThat(links).isGreaterThan(10);
  }

  @Test
  void thePanelsFillTheGrid() throws IOException {
    var taken = new HashSet<String>();
    int height = 0;
    for (var panel : Monitoring.dashboard().path("panels")) {
      var at = panel.path("gridPos");
      height = Math.max(height, at.path("y").asInt() + at.path("h").asInt());
      for (int x = 0; x < at.path("w").asInt(); x++) {
        for (int y = 0; y < at.path("h").asInt(); y++) {
          var cell = at.path("x").asInt() + x + "," + (at.path("y").asInt() + y);
          assertThat(taken.add(cell)).as(panel.path("title").asText() + " overlaps").isTrue();
          assertThat(at.path("x").asInt() + x).as(panel.path("title").asText()).isLessThan(24);
        }
      }
    }
    assertThat(taken).as("cells, of which none is empty").hasSize(24 * height);
  }
}
