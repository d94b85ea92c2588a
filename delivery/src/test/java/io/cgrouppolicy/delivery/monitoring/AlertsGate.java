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

/// Checks the alerts with promtool.
class AlertsGate {
  private final Tool promtool = Tool.named("promtool");

  @TempDir Path work;

  /// Copies rules and unit tests into one directory, because the tests name the rules.
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

  /// Alerts that fire at once, or never, must not pass.
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
}
