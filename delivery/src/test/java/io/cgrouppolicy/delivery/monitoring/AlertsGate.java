package io.cgrouppolicy.delivery.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.delivery.Yaml;
import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The alerts, by Prometheus' own program.
class AlertsGate {
  private final Tool promtool = Tool.named("promtool");

  @TempDir Path work;

  /// Rules and unit tests side by side, as the tests name them.
  @BeforeEach
  void copy() throws IOException {
    write(Monitoring.rules());
    for (var test : unitTests()) {
      Files.copy(test, work.resolve(test.getFileName()));
    }
  }

  private void write(Object rules) throws IOException {
    Files.writeString(work.resolve("rules.yaml"), Yaml.write(rules));
  }

  private static List<Path> unitTests() throws IOException {
    try (var files = Files.list(Monitoring.UNIT_TESTS)) {
      return files.sorted().toList();
    }
  }

  private Command.Answer test() throws IOException {
    var command = new ArrayList<>(List.of("test", "rules"));
    for (var test : unitTests()) {
      command.add(work.resolve(test.getFileName()).toString());
    }
    return promtool.run(command.toArray(String[]::new));
  }

  @Test
  void theRulesAreValid() {
    assertThat(
            promtool.succeed(
                "check",
                "rules",
                "--lint=all",
                "--lint-fatal",
                work.resolve("rules.yaml").toString()))
        .contains("SUCCESS");
  }

  @Test
  void theUnitTestsPass() throws IOException {
    var answer = test();
    assertThat(answer.status()).as(answer.output()).isZero();
  }

  /// What must not pass: alerts that fire at once, or never.
  @Test
  void theUnitTestsCanFail() throws IOException {
    for (var wait : List.of("0s", "12h")) {
      var rules = Monitoring.rules();
      for (var group : rules.path("groups")) {
        group.path("rules").forEach(rule -> ((ObjectNode) rule).put("for", wait));
      }
      write(rules);
      var answer = test();
      assertThat(answer.status()).as("with for: " + wait).isNotZero();
      for (var alert : Monitoring.alerts()) {
        assertThat(answer.output())
            .contains("alertname=\\\"" + alert.path("alert").asText() + "\\\"");
      }
    }
  }

  /// As recording rules, which promtool parses.
  @Test
  void theExpressionsOfTheDashboardAreValid() throws IOException {
    var rules = Yaml.object();
    var list = rules.putArray("groups").addObject().put("name", "dashboard").putArray("rules");
    for (var panel : Monitoring.dashboard().path("panels")) {
      for (var target : panel.path("targets")) {
        list.addObject()
            .put("record", "panel:" + list.size())
            .put("expr", target.path("expr").asText().replace("$__rate_interval", "5m"));
      }
    }
    write(rules);
    assertThat(promtool.succeed("check", "rules", work.resolve("rules.yaml").toString()))
        .contains("SUCCESS: " + list.size() + " rules found");
  }
}
