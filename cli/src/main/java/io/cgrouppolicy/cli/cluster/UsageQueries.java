package io.cgrouppolicy.cli.cluster;

import static java.util.stream.Collectors.joining;

import io.cgrouppolicy.cli.recommend.ContainerUsage;
import io.cgrouppolicy.cli.recommend.Usage;
import io.cgrouppolicy.cli.recommend.Usage.ContainerId;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Reads from Prometheus what containers used in a window: one query for each figure, for all pods.
/// The metrics are those of the kubelets' cAdvisor.
///
/// @param window a duration of Prometheus, such as `7d`
/// @param percentile from 1 to 100
/// @param namespaces to look at; empty for all
public record UsageQueries(String window, int percentile, List<String> namespaces) {
  /// Between two values of the rate, and the range of each.
  private static final String STEP = "5m";

  /// The pause container of a pod has the name POD, and the pod's cgroup has none.
  private String containers() {
    return "{container!=\"\",container!=\"POD\""
        + (namespaces.isEmpty()
            ? ""
            : ",namespace=~\"" + namespaces.stream().collect(joining("|")) + "\"")
        + "}";
  }

  /// The greatest of the series of a container, as each restart begins a new one.
  private static String greatest(String expression) {
    return "max by (namespace, pod, container) (" + expression + ")";
  }

  private String quantile() {
    return String.format(Locale.ROOT, "%.2f", percentile / 100.0);
  }

  String memoryPeak() {
    return greatest(
        "max_over_time(container_memory_working_set_bytes" + containers() + "[" + window + "])");
  }

  String memory() {
    return greatest(
        "quantile_over_time(%s, container_memory_working_set_bytes%s[%s])"
            .formatted(quantile(), containers(), window));
  }

  String cpu() {
    return greatest(
        "quantile_over_time(%s, rate(container_cpu_usage_seconds_total%s[%s])[%s:%s])"
            .formatted(quantile(), containers(), STEP, window, STEP));
  }

  public Usage read(Prometheus prometheus, String url, Progress progress)
      throws PrometheusException {
    progress.show("Prometheus: the peak of memory");
    var peaks = prometheus.query(memoryPeak());
    if (peaks.isEmpty()) {
      throw prometheus.unusable(
          "has no container_memory_working_set_bytes of the last "
              + window
              + (namespaces.isEmpty() ? "" : " in " + String.join(", ", namespaces))
              + ": it must scrape the cAdvisor metrics of the kubelets");
    }
    progress.show("Prometheus: a percentile of memory");
    var memory = prometheus.query(memory());
    progress.show("Prometheus: a percentile of CPU");
    var cpu = prometheus.query(cpu());
    var containers = new HashMap<ContainerId, ContainerUsage>();
    peaks.forEach(
        (id, peak) -> containers.put(id, new ContainerUsage(peak, memory.get(id), cpu.get(id))));
    return Usage.window(
        "Prometheus at %s, the last %s: peaks for limits, and for requests what was enough %d %% of the time"
            .formatted(url, window, percentile),
        Map.copyOf(containers));
  }
}
