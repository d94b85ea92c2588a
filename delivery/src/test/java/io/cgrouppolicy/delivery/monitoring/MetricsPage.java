package io.cgrouppolicy.delivery.monitoring;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Writes docs/metrics.md from a scrape, because only a scrape has the metrics of the SDK as well.
public final class MetricsPage {
  public static final Path FILE = Path.of("docs/metrics.md");

  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? \\S+(?: # .*)?");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

  /// Descriptions of the SDK's metrics, which it does not provide.
  private static final Map<String, String> OF_THE_SDK =
      Map.of(
          "custom_resources", "Objects that the controller watches",
          "events_received", "Events that the controller received",
          "reconciliations_active", "Reconciliations in progress",
          "reconciliations_execution_duration_seconds", "How long reconciliations take",
          "reconciliations_execution_duration_seconds_max",
              "The longest reconciliation of the last minutes",
          "reconciliations_failure",
              "Reconciliations that ended in an exception, which are retried",
          "reconciliations_queue", "Reconciliations that wait for a thread",
          "reconciliations_started", "Reconciliations that started",
          "reconciliations_success", "Reconciliations that succeeded");

  private MetricsPage() {}

  /// @param name without the suffixes of samples
  record Metric(String name, String type, String help, TreeSet<String> labels) {}

  /// @param series the labels of each name of a sample
  public record Scrape(List<Metric> metrics, Map<String, TreeSet<String>> series) {}

  /// @param text in the format of OpenMetrics
  public static Scrape parse(String text) {
    var types = new TreeMap<String, String>();
    var helps = new TreeMap<String, String>();
    var series = new TreeMap<String, TreeSet<String>>();
    for (var line : text.lines().toList()) {
      var words = line.split(" ", 4);
      if (line.startsWith("# TYPE ")) {
        types.put(words[2], words[3]);
      } else if (line.startsWith("# HELP ")) {
        helps.put(words[2], words.length == 4 ? words[3].strip() : "");
      } else {
        var sample = SAMPLE.matcher(line);
        if (sample.matches()) {
          var labels = series.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
          if (sample.group(2) != null) {
            LABEL.matcher(sample.group(2)).results().forEach(l -> labels.add(l.group(1)));
          }
        }
      }
    }
    var metrics =
        types.entrySet().stream()
            .map(
                type -> {
                  var labels = new TreeSet<String>();
                  for (var suffix : List.of("", "_total", "_count")) {
                    labels.addAll(
                        series.getOrDefault(type.getKey() + suffix, new TreeSet<String>()));
                  }
                  var help = helps.getOrDefault(type.getKey(), "");
                  return new Metric(type.getKey(), type.getValue(), help, labels);
                })
            .toList();
    return new Scrape(metrics, series);
  }

  public static String render(Scrape scrape) {
    var page =
        new StringBuilder(
            """
            # Metrics

            Each replica serves its metrics at `https://HOST:8443/metrics`, to clients that may `get` that URL. Only the leading replica reports on policies.
            [Monitoring](operations.md#monitoring) says how to scrape them, and how to install the alerts and the dashboard.

            The number of series is bounded: no label has names of namespaces, nodes or pods, which are in the status of the policies. The values of `check` and
            `severity` are those of [checks](checks.md), and the values of `condition` and `reason` those of the [status](status.md).

            This page is generated from a scrape (`MonitoringNamesIT` with `UPDATE_GOLDEN=true`), and tested against one.

            ## Of the operator

            """);
    table(page, scrape, "cgroup_policy_");
    page.append(
        """

        ## Java Operator SDK

        """);
    table(page, scrape, "custom_", "events_", "reconciliations_");
    page.append(
        """

        ## Process

        Micrometer and Quarkus add `jvm_*`, `process_*`, `system_*`, `netty_*` and `worker_pool_*`.
        """);
    return page.toString();
  }

  private static void table(StringBuilder page, Scrape scrape, String... prefixes) {
    page.append("| name | type | labels | |\n|---|---|---|---|\n");
    scrape.metrics().stream()
        .filter(m -> List.of(prefixes).stream().anyMatch(m.name()::startsWith))
        .sorted(Comparator.comparing(Metric::name))
        .forEach(
            metric ->
                page.append(
                    "| `%s%s` | %s | %s | %s |\n"
                        .formatted(
                            metric.name(),
                            metric.type().equals("counter") ? "_total" : "",
                            metric.type(),
                            String.join(", ", metric.labels()),
                            OF_THE_SDK.getOrDefault(metric.name(), metric.help()))));
  }
}
