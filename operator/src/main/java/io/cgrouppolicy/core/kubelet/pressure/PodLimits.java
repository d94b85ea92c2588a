package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.core.pods.NeighbourRules;
import io.cgrouppolicy.core.pods.PodFacts;
import java.util.Collection;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The limits of the pods on one node, which can explain pressure. Pods are named NAMESPACE/NAME.
///
/// @param withoutMemoryLimit pods that can use all memory of the node: neither the pod nor all of
///     its containers have a limit
/// @param withCpuLimit pods that the kernel throttles: the pod or some container has a limit
public record PodLimits(Set<String> withoutMemoryLimit, Set<String> withCpuLimit) {

  public static PodLimits of(Collection<PodFacts> pods) {
    return new PodLimits(
        names(pods, pod -> NeighbourRules.isUncapped(pod.shape())),
        names(pods, pod -> pod.shape().limits("cpu")));
  }

  private static Set<String> names(Collection<PodFacts> pods, Predicate<PodFacts> which) {
    return pods.stream()
        .filter(which)
        .map(pod -> pod.namespace() + "/" + pod.name())
        .collect(Collectors.toSet());
  }
}
