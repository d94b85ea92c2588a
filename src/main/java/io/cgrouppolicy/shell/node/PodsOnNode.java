package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.kubelet.pressure.PodLimits;
import io.cgrouppolicy.core.pods.NeighbourRules;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.shell.cluster.PodCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
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

  /// Empty where no pod is known: they are not watched, or not all listed yet; does not block.
  Optional<PodLimits> limits(String node) {
    var known = pods.synced() ? pods.onNode(node) : List.<PodFacts>of();
    return known.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new PodLimits(
                names(known, pod -> NeighbourRules.isUncapped(pod.shape())),
                names(known, pod -> pod.shape().limits("cpu"))));
  }

  private static Set<String> names(List<PodFacts> pods, Predicate<PodFacts> which) {
    return pods.stream()
        .filter(which)
        .map(pod -> pod.namespace() + "/" + pod.name())
        .collect(Collectors.toSet());
  }
}
