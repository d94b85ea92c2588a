package io.cgrouppolicy.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Evaluates the queries by the engine of Prometheus, with promtool.
class UsageQueriesGate {
  private static final UsageQueries QUERIES = new UsageQueries("1h", 50, List.of("shop", "search"));

  /// Of a container that restarted, of the pod's cgroup, the pause container, another namespace.
  private static final String SERIES =
      """
      rule_files: []
      evaluation_interval: 1m
      tests:
      - interval: 1m
        input_series:
        - series: 'container_memory_working_set_bytes{namespace="shop",pod="web-1",container="app",id="/1"}'
          values: '100 900 300x40'
        - series: 'container_memory_working_set_bytes{namespace="shop",pod="web-1",container="app",id="/2"}'
          values: '_x45 400x30'
        - series: 'container_memory_working_set_bytes{namespace="shop",pod="web-1",container="",id="/3"}'
          values: '5000x80'
        - series: 'container_memory_working_set_bytes{namespace="shop",pod="web-1",container="POD",id="/4"}'
          values: '5000x80'
        - series: 'container_memory_working_set_bytes{namespace="other",pod="web-1",container="app",id="/5"}'
          values: '5000x80'
        - series: 'container_memory_working_set_bytes{namespace="search",pod="gone-1",container="app",id="/6"}'
          values: '700x20'
        - series: 'container_cpu_usage_seconds_total{namespace="shop",pod="web-1",container="app",cpu="total"}'
          values: '0+30x80'
        promql_expr_test:
        - expr: '%s'
          eval_time: 59m
          exp_samples:
          - {labels: '{namespace="shop",pod="web-1",container="app"}', value: 900}
          - {labels: '{namespace="search",pod="gone-1",container="app"}', value: 700}
        - expr: '%s'
          eval_time: 59m
          exp_samples:
          - {labels: '{namespace="shop",pod="web-1",container="app"}', value: 400}
          - {labels: '{namespace="search",pod="gone-1",container="app"}', value: 700}
        - expr: '%s'
          eval_time: 59m
          exp_samples:
          - {labels: '{namespace="shop",pod="web-1",container="app"}', value: %s}
      """;

  private final Tool promtool = Tool.named("promtool");

  @TempDir Path work;

  private Command.Answer test(String cpu) throws IOException {
    var file = work.resolve("test.yaml");
    Files.writeString(
        file, SERIES.formatted(QUERIES.memoryPeak(), QUERIES.memory(), QUERIES.cpu(), cpu));
    return promtool.run("test", "rules", file.toString());
  }

  @Test
  void theQueriesReturnPeaksAndPercentiles() throws IOException {
    var answer = test("0.5");
    assertThat(answer.status()).as(answer.output()).isZero();
    assertThat(test("0.6").status()).as("with another rate").isNotZero();
  }
}
