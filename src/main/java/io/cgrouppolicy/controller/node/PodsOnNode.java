package io.cgrouppolicy.controller.node;

import io.cgrouppolicy.controller.workload.PodCache;
import io.cgrouppolicy.kubelet.pressure.PodLimits;
import io.cgrouppolicy.workload.NeighbourRules;
import io.cgrouppolicy.workload.PodFacts;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// What pods on a node declare, for the causes of its pressure.
@ApplicationScoped
class PodsOnNode {
  private final PodCache pods;

  PodsOnNode(PodCache pods) {
    this.pods = pods;
  }

  /// Empty where the pods are not watched, or not all known yet; does not block.
  Optional<PodLimits> limits(String node) {
    return pods.synced()
        ? Optional.of(
            new PodLimits(
                names(node, pod -> NeighbourRules.isUncapped(pod.shape())),
                names(node, pod -> pod.shape().limits("cpu"))))
        : Optional.empty();
  }

  private Set<String> names(String node, Predicate<PodFacts> which) {
    return pods.onNode(node).stream()
        .filter(which)
        .map(pod -> pod.namespace() + "/" + pod.name())
        .collect(Collectors.toSet());
  }
}
