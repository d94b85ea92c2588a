package io.cgrouppolicy.delivery.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Checks the dashboard with Grafana's own schema and with promtool.
class DashboardGate {
  private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? (\\S+)(?: # .*)?");

  /// Two clusters, each with a policy `p`. In cluster x, replica b has just taken over from a.
  private static final String FEW_SERIES =
      """
      cgroup_policy_leader{cluster="x", pod="a", job="m"} 1
      cgroup_policy_leader{cluster="x", pod="b", job="m"} 1
      cgroup_policy_leader{cluster="y", pod="a", job="m"} 0
      cgroup_policy_info{cluster="x", pod="a", job="m", policy="p", mode="Enforce"} 1
      cgroup_policy_info{cluster="x", pod="b", job="m", policy="p", mode="Enforce"} 1
      cgroup_policy_info{cluster="y", pod="a", job="m", policy="p", mode="Audit"} 1
      cgroup_policy_condition{cluster="x", pod="b", job="m", policy="p", condition="Ready", status="True"} 1
      cgroup_policy_condition{cluster="y", pod="a", job="m", policy="p", condition="Ready", status="Unknown"} 1
      cgroup_policy_condition{cluster="x", pod="a", job="m", policy="p", condition="Compliant", status="False"} 1
      cgroup_policy_condition{cluster="x", pod="b", job="m", policy="p", condition="Compliant", status="False"} 1
      cgroup_policy_condition{cluster="y", pod="a", job="m", policy="p", condition="Compliant", status="Unknown"} 1
      cgroup_policy_violations{cluster="x", pod="a", job="m", policy="p", check="LimitRangeMissing", severity="High"} 2
      cgroup_policy_violations{cluster="x", pod="b", job="m", policy="p", check="LimitRangeMissing", severity="High"} 3
      cgroup_policy_violations{cluster="x", pod="b", job="m", policy="p", check="RejectedByPolicy", severity="Critical"} 4
      cgroup_policy_violations{cluster="y", pod="a", job="m", policy="p", check="LimitRangeMissing", severity="High"} 7
      cgroup_policy_namespaces_unprotected{cluster="x", pod="a", job="m", policy="p"} 2
      cgroup_policy_namespaces_unprotected{cluster="x", pod="b", job="m", policy="p"} 3
      cgroup_policy_namespaces_unprotected{cluster="y", pod="a", job="m", policy="p"} 7
      cgroup_policy_nodes{cluster="x", pod="a", job="m", policy="p", state="unknown"} 5
      cgroup_policy_nodes{cluster="x", pod="b", job="m", policy="p", state="unknown"} 5
      cgroup_policy_nodes{cluster="y", pod="a", job="m", policy="p", state="unknown"} 1
      cgroup_policy_nodes{cluster="x", pod="b", job="m", policy="p", state="drifted"} 0
      """;

  @RegisterExtension
  static final FleetOperator operator =
      new FleetOperator("1S").with("CGROUP_POLICY_PRESSURE_INTERVAL", "1S");

  @RegisterExtension final Fixture fixture = new Fixture();

  private final Tool schema = Tool.named("dashboard");
  private final Tool promtool = Tool.named("promtool");

  @TempDir Path work;

  /// @param result what promtool must compute
  private record Expected(String where, String expression, String result) {}

  /// @param scrape samples that do not change for more than an hour
  private void evaluate(String scrape, List<Expected> expected) throws IOException {
    var test = Yaml.object();
    test.putArray("rule_files").add("rules.yaml");
    test.put("evaluation_interval", "1m");
    var one = test.putArray("tests").addObject().put("interval", "1m");
    var input = one.putArray("input_series");
    for (var line : scrape.lines().toList()) {
      var sample = SAMPLE.matcher(line);
      if (!line.startsWith("#") && sample.matches() && !sample.group(3).equals("NaN")) {
        input
            .addObject()
            .put("series", "%s{%s}".formatted(sample.group(1), sample.group(2)))
            .put("values", sample.group(3) + "+0x70");
      }
    }
    var queries = one.putArray("promql_expr_test");
    for (var query : expected) {
      var sample =
          queries
              .addObject()
              .put("expr", query.expression())
              .put("eval_time", "65m")
              .putArray("exp_samples");
      if (!query.result().isEmpty()) {
        sample.addObject().put("labels", "{}").put("value", Double.valueOf(query.result()));
      }
    }
    Files.writeString(work.resolve("rules.yaml"), Yaml.write(Monitoring.rules()));
    var file = Files.writeString(work.resolve("test.yaml"), Yaml.write(test));
    var answer = promtool.run("test", "rules", file.toString());
    assertThat(answer.status()).as(answer.output()).isZero();
  }

  @Test
  void grafanaKnowsAllFields() {
    assertThat(schema.succeed(Monitoring.DASHBOARD.toString())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"noValue\" | \"noValues\" | unexpected field 'noValues'",
        "\"schemaVersion\": 39 | \"schemaVersion\": \"39\" | schemaVersion",
        "\"graphMode\" | \"graphModes\" | options.graphMode: required field is missing",
        "\"allValue\" | \"allValues\" | unexpected field 'allValues'",
        "\"titleFormat\" | \"titleFormats\" | unexpected field 'titleFormats'",
        "\"type\": \"stat\" | \"type\": \"start\" | unknown type start",
        "\"legendFormat\" | \"legendFormats\" | unexpected field 'legendFormats'",
      })
  void grafanaKnowsNoOtherFields(String right, String wrong, String reason) throws IOException {
    var dashboard = Files.readString(Monitoring.DASHBOARD);
    assertThat(dashboard).contains(right);
    var file =
        Files.writeString(
            work.resolve("wrong.json"), dashboard.replaceFirst(Pattern.quote(right), wrong));
    var answer = schema.run(file.toString());
    assertThat(answer.status()).isNotZero();
    assertThat(answer.output()).contains(reason);
  }

  /// As recording rules, which promtool parses.
  @Test
  void theQueriesAreValid() throws IOException {
    var rules = Yaml.object();
    var list = rules.putArray("groups").addObject().put("name", "dashboard").putArray("rules");
    for (var query : Monitoring.queries()) {
      ObjectNode rule = list.addObject();
      rule.put("record", "panel:" + list.size()).put("expr", query.sent());
    }
    var file = Files.writeString(work.resolve("queries.yaml"), Yaml.write(rules));
    assertThat(promtool.succeed("check", "rules", file.toString()))
        .contains("SUCCESS: " + list.size() + " rules found");
  }

  /// A policy is counted once in each cluster, and a replica that is no longer the leader does not
  /// add to it.
  @Test
  void thePanelsCountRight() throws IOException {
    var expected = new ArrayList<Expected>();
    for (var query : Monitoring.queries()) {
      var result =
          switch (query.where().replace("panel ", "")) {
            case "Operator A" -> "0";
            case "Policies not ready A", "Policies not compliant A", "Policies unknown A" -> "1";
            case "Unprotected A" -> "3";
            case "Nodes unknown A" -> "6";
            case "Nodes drifted A" -> "0";
            case "Violations by severity A", "Workloads rejected A" -> "4";
            case "Violations by severity B" -> "10";
            case "Violations by severity C" -> "0";
            case "Nodes under pressure A", "Pods that would be rejected A" -> "";
            default -> null;
          };
      if (result != null) {
        expected.add(new Expected(query.where(), query.sent(), result));
      }
    }
    assertThat(expected).hasSize(13);
    evaluate(FEW_SERIES, expected);
  }

  /// Without an operator no panel may show a zero that looks like "all is well".
  @Test
  void withoutAnOperatorNothingIsShown() throws IOException {
    var expected = new ArrayList<Expected>();
    for (var query : Monitoring.queries()) {
      if (!query.expression().contains("ALERTS")) {
        expected.add(new Expected(query.where(), query.sent(), ""));
      }
    }
    evaluate("", expected);
  }

  @Test
  void everyPanelHasDataOfAnOperator() throws IOException {
    var scrape = new StringBuilder();
    for (var line : EveryResult.scrape(operator, fixture).lines().toList()) {
      var sample = SAMPLE.matcher(line);
      if (!line.startsWith("#") && sample.matches()) {
        var labels = sample.group(2) == null ? "" : ", " + sample.group(2);
        scrape.append(
            "%s{job=\"m\", instance=\"a\", pod=\"a\"%s} %s\n"
                .formatted(sample.group(1), labels, sample.group(3)));
      }
    }
    var expected = new ArrayList<Expected>();
    for (var query : Monitoring.queries()) {
      if (!query.where().startsWith("annotation ")) { // nothing happens any more
        var count = "count(" + query.sent() + ") > bool 0";
        expected.add(new Expected(query.where(), count, "1"));
      }
    }
    assertThat(expected).hasSizeGreaterThan(40);
    evaluate(scrape.toString(), expected);
  }
}
