package io.cgrouppolicy.cli.cluster;

import io.cgrouppolicy.cli.recommend.ContainerUsage;
import io.cgrouppolicy.cli.recommend.Usage;
import io.cgrouppolicy.cli.recommend.Usage.ContainerId;
import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetrics;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.math.BigDecimal;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads what containers use at present from metrics.k8s.io, which metrics-server serves. It is
/// optional: if it cannot be read, the result says why.
public final class CurrentUsage {
  private static final String API = "metrics.k8s.io";

  private CurrentUsage() {}

  /// @param namespaces to look at; empty for all
  public static Usage read(KubernetesClient client, List<String> namespaces, Progress progress) {
    progress.show("metrics of pods");
    var pods = new ArrayList<PodMetrics>();
    try {
      if (namespaces.isEmpty()) {
        pods.addAll(client.top().pods().metrics().getItems());
      }
      for (var namespace : namespaces) {
        pods.addAll(client.top().pods().metrics(namespace).getItems());
      }
    } catch (KubernetesClientException e) {
      return Usage.none(why(e));
    }
    var containers = containers(pods);
    return containers.isEmpty()
        ? Usage.none(API + " has no figures of these pods")
        : Usage.sample(API, containers);
  }

  private static String why(KubernetesClientException e) {
    return switch (e.getCode()) {
      case HttpURLConnection.HTTP_NOT_FOUND -> API + " is not installed";
      case 0 -> API + " did not answer: " + e.getMessage();
      default -> API + ": " + ClusterReader.message(e);
    };
  }

  private static Map<ContainerId, ContainerUsage> containers(List<PodMetrics> pods) {
    var containers = new HashMap<ContainerId, ContainerUsage>();
    for (var pod : pods) {
      for (var container : pod.getContainers()) {
        if (container.getUsage() != null) {
          var memory = amount(container.getUsage().get("memory"));
          containers.put(
              new ContainerId(
                  pod.getMetadata().getNamespace(),
                  pod.getMetadata().getName(),
                  container.getName()),
              new ContainerUsage(memory, memory, amount(container.getUsage().get("cpu"))));
        }
      }
    }
    return containers;
  }

  private static BigDecimal amount(Quantity quantity) {
    return quantity == null ? null : Quantities.parse(quantity.toString()).orElse(null);
  }
}
