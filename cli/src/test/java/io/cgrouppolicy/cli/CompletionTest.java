package io.cgrouppolicy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the shell completes.
class CompletionTest {
  private static final String FILES = ":0";
  private static final String NO_FILES = ":4";

  @TempDir Path directory;

  /// The output for kubectl.
  private static List<String> complete(String... words) {
    var args = Stream.concat(Stream.of("__complete", "--"), Stream.of(words));
    var answer = Cli.run(args.toArray(String[]::new));
    assertThat(answer.exitCode()).as(answer.err()).isZero();
    return answer.out().lines().toList();
  }

  private static List<String> values(String... words) {
    return complete(words).stream().map(line -> line.split("\t")[0]).toList();
  }

  @Test
  void commandsHaveADescription() {
    assertThat(complete(""))
        .contains("audit\tSays what the operator would say of this cluster")
        .anySatisfy(line -> assertThat(line).startsWith("lint\t"))
        .noneMatch(line -> line.contains("__complete"))
        .endsWith(NO_FILES);
    assertThat(values("lin")).containsExactly("lint", NO_FILES);
  }

  @Test
  void optionsAreThoseOfTheCommand() {
    assertThat(values("lint", "--p"))
        .contains("--policy", "--preset")
        .doesNotContain("--namespace")
        .endsWith(NO_FILES);
    assertThat(values("audit", "--kubeconfig", "lint", "--kube")).contains("--kubeconfig");
    assertThat(complete("--ver")).containsExactly("--version\tPrints the version.", NO_FILES);
    assertThat(complete("lint", "--fail-on"))
        .contains("--fail-on\tThe lowest severity with which findings are an error");
  }

  @Test
  void valuesAreThoseOfTheOption() {
    assertThat(values("lint", "--preset", ""))
        .containsExactly("baseline", "openshift", "strict", NO_FILES);
    assertThat(values("audit", "-o", "j")).contains("json", "junit").doesNotContain("table");
    assertThat(values("audit", "--output=j")).isEqualTo(values("audit", "-o", "j"));
    assertThat(values("audit", "--none=j")).containsExactly(NO_FILES);
    assertThat(values("audit", "--namespace", "")).containsExactly(NO_FILES);
  }

  @Test
  void filesAreLeftToTheShell() {
    assertThat(values("lint", "")).containsExactly(FILES);
    assertThat(values("lint", "--", "--pre")).containsExactly(FILES);
    assertThat(values("lint", "--policy", "pol")).containsExactly(FILES);
    assertThat(values("audit", "--kubeconfig=")).containsExactly(FILES);
    assertThat(values("audit", "")).containsExactly(NO_FILES);
  }

  /// As bash runs it. The script must leave the completion of kubectl alone.
  @Test
  void theScriptCompletesTheProgram() throws IOException {
    var script = Cli.run("generate-completion");
    assertThat(script.exitCode()).isZero();
    var file = Files.writeString(directory.resolve("completion"), script.out());
    var words =
        Command.succeed(
            "bash",
            "-c",
            """
            source "$0" || exit
            if complete -p kubectl 2>/dev/null; then exit 1; fi
            COMP_WORDS=(kubectl-cgp '') COMP_CWORD=1 COMP_LINE='kubectl-cgp '
            "$(complete -p kubectl-cgp | sed 's/.*-F \\([^ ]*\\).*/\\1/')"
            printf '%s\\n' "${COMPREPLY[@]}"
            """,
            file.toString());
    assertThat(words.lines()).contains("audit", "lint").doesNotContain("__complete");
  }
}
