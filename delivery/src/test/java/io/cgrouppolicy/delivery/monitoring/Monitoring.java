package io.cgrouppolicy.delivery.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.delivery.Yaml;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The alerts and the dashboard of config/prometheus, and the series that they query.
public final class Monitoring {
  static final Path RULE = Path.of("config/prometheus/prometheus_rule.yaml");
  static final Path DASHBOARD = Path.of("config/prometheus/dashboard.json");
  static final Path UNIT_TESTS = Path.of("delivery/src/test/resources/monitoring");
  static final Path RUNBOOKS = Path.of("docs/runbooks");

  private static final ObjectMapper JSON = new ObjectMapper();

  /// In the templates of annotations.
  private static final Pattern QUERY =
      Pattern.compile("query \\(printf \"((?:[^\"\\\\]|\\\\.)*)\"");

  private static final Pattern VARIABLE = Pattern.compile("label_values\\((.+), (\\w+)\\)");

  private Monitoring() {}

  /// A series that an expression queries.
  ///
  /// @param where the alert or the panel
  public record Asked(String where, String metric, List<String> labels) {}

  /// A query of the dashboard.
  ///
  /// @param where the panel or the annotation
  record Query(String where, String expression) {
    /// As Grafana sends it while all is selected.
    String sent() {
      return expression
          .replace("$__rate_interval", "5m")
          .replace("$cluster", ".*")
          .replaceAll("\\$(job|policy)", ".+");
    }
  }

  static JsonNode rules() throws IOException {
    return Yaml.read(RULE).path("spec");
  }

  static List<JsonNode> alerts() throws IOException {
    var alerts = new ArrayList<JsonNode>();
    for (var group : rules().path("groups")) {
      group.path("rules").forEach(alerts::add);
    }
    return alerts;
  }

  static JsonNode dashboard() throws IOException {
    return JSON.readTree(DASHBOARD.toFile());
  }

  static List<Query> queries() throws IOException {
    var queries = new ArrayList<Query>();
    for (var panel : dashboard().path("panels")) {
      for (var target : panel.path("targets")) {
        var where = "panel " + panel.path("title").asText() + " " + target.path("refId").asText();
        queries.add(new Query(where, target.path("expr").asText()));
      }
    }
    for (var annotation : dashboard().at("/annotations/list")) {
      if (annotation.has("expr")) {
        var where = "annotation " + annotation.path("name").asText();
        queries.add(new Query(where, annotation.path("expr").asText()));
      }
    }
    return queries;
  }

  /// The series that alerts, their annotations and the dashboard query.
  public static List<Asked> asked() throws IOException {
    var asked = new ArrayList<Asked>();
    for (var alert : alerts()) {
      var name = alert.path("alert").asText();
      ask(asked, name, alert.path("expr").asText());
      for (var text : alert.path("annotations")) {
        QUERY
            .matcher(text.asText())
            .results()
            .forEach(query -> ask(asked, name, query.group(1).replace("\\\"", "\"")));
      }
    }
    for (var query : queries()) {
      ask(asked, query.where(), query.expression());
    }
    for (var variable : dashboard().at("/templating/list")) {
      var where = "variable " + variable.path("name").asText();
      VARIABLE
          .matcher(variable.path("definition").asText())
          .results()
          .forEach(
              query -> {
                ask(asked, where, query.group(1));
                var metric = PromQl.selectors(query.group(1)).getFirst().metric();
                asked.add(new Asked(where, metric, List.of(query.group(2))));
              });
    }
    return asked;
  }

  private static void ask(List<Asked> asked, String where, String expression) {
    for (var selector : PromQl.selectors(expression)) {
      asked.add(new Asked(where, selector.metric(), List.copyOf(selector.labels().keySet())));
    }
  }
}
