package io.cgrouppolicy.delivery.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.delivery.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The permissions of the GitHub workflows, which cannot run here, and the scripts that they call.
/// `SupplyChainGate` checks their syntax.
class WorkflowsTest {
  static List<Path> workflows() throws IOException {
    try (var files = Files.list(Path.of(".github/workflows"))) {
      return files.sorted().toList();
    }
  }

  private static final Pattern TARGET = Pattern.compile("\\bmake ([a-z-]+)");

  private static Stream<JsonNode> steps(JsonNode workflow) {
    return workflow.findValues("steps").stream()
        .flatMap(steps -> StreamSupport.stream(steps.spliterator(), false));
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void workflowsMayOnlyReadByDefault(Path file) throws IOException {
    var workflow = Yaml.read(file);
    assertThat(workflow.path("permissions").isObject()).isTrue();
    assertThat(workflow.path("permissions"))
        .allSatisfy(may -> assertThat(may.asText()).isEqualTo("read"));
    assertThat(workflow.path("jobs"))
        .isNotEmpty()
        .allSatisfy(job -> assertThat(job.path("timeout-minutes").asInt()).isPositive());
    // A value that another user chooses, such as a branch name, would become part of a script.
    assertThat(steps(workflow).map(step -> step.path("run").asText()))
        .noneMatch(script -> script.contains("${{"));
  }

  /// Otherwise the code of a dependency could sign or release.
  @ParameterizedTest
  @MethodSource("workflows")
  void aTestJobHasNoWritePermission(Path file) throws IOException {
    for (var job : Yaml.read(file).path("jobs")) {
      if (job.toString().contains(".ci/run")) {
        assertThat(job.path("permissions"))
            .allSatisfy(may -> assertThat(may.asText()).isEqualTo("read"));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void namesTheVersionsOfActions(Path file) throws IOException {
    assertThat(steps(Yaml.read(file)).filter(step -> step.has("uses")))
        .isNotEmpty()
        .allSatisfy(
            step -> assertThat(step.path("uses").asText()).matches("[^@]+@(v\\d+.*|[0-9a-f]{40})"));
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void callsOnlyExistingTargets(Path file) throws IOException {
    var scripts = steps(Yaml.read(file)).map(step -> step.path("run").asText());
    var programs =
        scripts
            .flatMap(script -> Arrays.stream(script.split("[\\s\"'()$]+")))
            .filter(word -> word.startsWith("hack/") || word.startsWith(".ci/"))
            .toList();
    assertThat(programs)
        .isNotEmpty()
        .allSatisfy(program -> assertThat(Path.of(program)).isExecutable());
    var makefile = Files.readString(Path.of("Makefile"));
    assertThat(steps(Yaml.read(file)).map(step -> step.path("run").asText()))
        .flatMap(script -> TARGET.matcher(script).results().map(t -> t.group(1)).toList())
        .allSatisfy(target -> assertThat(makefile).contains("\n" + target + ":"));
  }
}
