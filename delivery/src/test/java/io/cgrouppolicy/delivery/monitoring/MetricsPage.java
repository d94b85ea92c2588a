package io.cgrouppolicy.delivery.monitoring;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// docs/metrics.md, which comes from a scrape, as that is where the metrics of the SDK are, too.
public final class MetricsPage {
  public static final Path FILE = Path.of("docs/metrics.md");

  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? \\S+(?: # .*)?");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

  /// What the SDK's metrics mean, as it does not say so itself.
  private static final Map<String, String> OF_THE_SDK =
      Map.of(
          "custom_resources", "Objects that the controller watches",
          "events_received", "Changes that the controller was told of",
          "reconciliations_active", "Reconciliations that run now",
          "reconciliations_execution_duration_seconds", "How long reconciliations take",
          "reconciliations_execution_duration_seconds_max", "The longest of the last minutes",
          "reconciliations_failure", "Reconciliations that ended in an exception; tried again",
          "reconciliations_queue", "Reconciliations that wait for a thread",
          "reconciliations_started", "Reconciliations that were started",
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

            At `https://HOST:8443/metrics` of each replica, to whoever may `get` that URL. Only the leading replica tells of policies. This page is made from a
            scrape (`MonitoringNamesIT` with `UPDATE_GOLDEN=true`), and a test holds it against one. Labels are bounded: names of namespaces, nodes and pods are
            in the policies' status. Labels `check` are those of [checks.md](checks.md); `reason` and `condition` those of the status.

            ## The operator's own

            """);
    table(page, scrape, "cgroup_policy_");
    page.append(
        """

        ## Of the Java Operator SDK

        """);
    table(page, scrape, "custom_", "events_", "reconciliations_");
    page.append(
        """

        ## Of the process

        `jvm_*`, `process_*`, `system_*`, `netty_*` and `worker_pool_*` are Micrometer's and Quarkus'.
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
