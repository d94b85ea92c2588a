package io.cgrouppolicy.report;

import io.cgrouppolicy.core.pods.NeighbourRules;
import io.cgrouppolicy.core.pods.PodFacts;
import java.util.Collection;
import java.util.List;

/// A namespace at which a report looked.
///
/// @param policies the names of those that judge it
/// @param load null if the pods are unknown
public record NamespacePicture(String name, List<String> policies, Load load) {
  /// @param uncapped how many of the pods have a container without a memory limit
  public record Load(int pods, int uncapped) {}

  /// @param pods in the namespace, or null if unknown
  public static NamespacePicture of(String name, List<String> policies, Collection<PodFacts> pods) {
    return new NamespacePicture(
        name,
        List.copyOf(policies),
        pods == null
            ? null
            : new Load(
                pods.size(),
                (int) pods.stream().filter(p -> NeighbourRules.isUncapped(p.shape())).count()));
  }
}
