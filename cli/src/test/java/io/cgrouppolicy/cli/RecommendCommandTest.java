package io.cgrouppolicy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Options of `kubectl cgp recommend` that need no cluster to be wrong.
class RecommendCommandTest {
  private static Cli recommend(String... more) {
    return Cli.run(Stream.concat(Stream.of("recommend"), Stream.of(more)).toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--window 7d | --window needs --prometheus",
        "--prometheus-token-file x | --prometheus-token-file needs --prometheus",
        "--prometheus prometheus:9090 | is no URL of http or https",
        "--prometheus file:///etc/passwd | is no URL of http or https",
        "--prometheus http://user:secret@host | without credentials",
        "--prometheus http://host --window week | --window week is no duration",
        "--prometheus http://host --window 7d]) | is no duration",
        "--prometheus http://host --prometheus-token-file x | needs a URL of https",
        "--headroom -1 | --headroom must be",
        "--headroom 1001 | --headroom must be",
        "--percentile 0 | --percentile must be",
        "--percentile 101 | --percentile must be",
        "-n kube-system | kube-system is a system namespace",
        "-n a --exclude b | cannot be used together",
        "--exclude a:b | is no name or glob",
        "--name A_B | is no name of an object",
      })
  void aWrongOption(String options, String message) {
    var run = recommend(options.split(" "));
    assertThat(run.exitCode()).isEqualTo(KubectlCgp.FAILED);
    assertThat(run.err()).contains(message);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void showsItsHelp() {
    assertThat(recommend("--help").out())
        .contains("--prometheus=URL", "Exit codes:", "-n, --namespace")
        .doesNotContain("DEFAULT-VALUE");
    assertThat(Cli.run("--help").out()).contains("recommend");
    assertThat(List.of(recommend("--help").exitCode())).containsExactly(KubectlCgp.OK);
  }
}
