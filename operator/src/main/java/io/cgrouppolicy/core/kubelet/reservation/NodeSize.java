package io.cgrouppolicy.core.kubelet.reservation;

import io.cgrouppolicy.core.limits.Quantities;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What formulas depend on.
///
/// @param capacity as in `status.capacity` of a Node
public record NodeSize(Map<String, Quantity> capacity, long maxPods) {
  /// The kubelet's default.
  public static final long MAX_PODS = 110;

  /// Stands in where no node is known and only the names of the resources matter.
  public static final NodeSize NOMINAL =
      of(
          Map.of(
              "cpu", new Quantity("4"),
              "memory", new Quantity("16Gi"),
              "ephemeral-storage", new Quantity("100Gi")));

  /// The size without the kubelet's configuration: a node's capacity for pods is its maxPods, or
  /// less with podsPerCore.
  public static NodeSize of(Map<String, Quantity> capacity) {
    var pods = capacity.get("pods");
    return new NodeSize(capacity, pods == null ? MAX_PODS : Quantities.number(pods).longValue());
  }

  Optional<BigDecimal> of(String resource) {
    return Optional.ofNullable(capacity.get(resource)).map(Quantities::number);
  }

  /// `2 CPUs, 7934532Ki of memory, maxPods 29`.
  @Override
  public String toString() {
    return Stream.of(part("cpu", " CPUs"), part("memory", " of memory"), "maxPods " + maxPods)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(", "));
  }

  private String part(String resource, String words) {
    return capacity.containsKey(resource) ? capacity.get(resource) + words : "";
  }
}
