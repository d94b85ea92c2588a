package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Applies the defaults that the API server sets whenever it decodes a pod, from a client or from
/// storage (`SetDefaults_Pod`, v1.36). They apply to the client's pod before LimitRanger, and to
/// LimitRanger's result only after all checks.
final class PodDefaults {
  private PodDefaults() {}

  static PodShape apply(PodShape pod) {
    var containers = pod.containers().stream().map(PodDefaults::requestsOfLimits).toList();
    var podRequests = new HashMap<>(pod.podRequests());
    var podLimits = new HashMap<>(pod.podLimits());
    var filled = with(pod, containers);
    hugePageLimits(filled, podRequests, podLimits);
    podRequests(filled, podRequests, podLimits);
    return withPodLevel(filled, podRequests, podLimits);
  }

  private static PodShape withPodLevel(
      PodShape pod, Map<String, Quantity> podRequests, Map<String, Quantity> podLimits) {
    return with(pod, pod.containers(), podRequests, podLimits);
  }

  static PodShape with(PodShape pod, List<ContainerShape> containers) {
    return with(pod, containers, pod.podRequests(), pod.podLimits());
  }

  private static PodShape with(
      PodShape pod,
      List<ContainerShape> containers,
      Map<String, Quantity> podRequests,
      Map<String, Quantity> podLimits) {
    return new PodShape(
        containers,
        podRequests,
        podLimits,
        pod.overhead(),
        pod.priorityClass(),
        pod.priority(),
        pod.deadline(),
        pod.crossNamespaceAffinity());
  }

  /// Undoes the LimitRange defaults of a running pod; returns the pod itself if it got none. Also
  /// removes the pod-level defaults that were derived from them.
  static PodShape withoutDefaults(PodShape pod) {
    if (!pod.defaulted()) {
      return pod;
    }
    var written = with(pod, pod.written());
    var podRequests = new HashMap<>(pod.podRequests());
    var podLimits = new HashMap<>(pod.podLimits());
    podLimits.keySet().removeIf(name -> PodResources.isHugePages(name) && !declares(written, name));
    podRequests.keySet().removeIf(name -> !podLimits.containsKey(name) && !declares(written, name));
    // What defaulting does not restore must have been in the original pod. The limits first, as
    // requests get defaults only where there are limits.
    putBack(pod.podLimits(), filled(pod, podRequests, podLimits).podLimits(), podLimits);
    putBack(pod.podRequests(), filled(pod, podRequests, podLimits).podRequests(), podRequests);
    return withPodLevel(written, podRequests, podLimits);
  }

  private static PodShape filled(
      PodShape pod, Map<String, Quantity> podRequests, Map<String, Quantity> podLimits) {
    return apply(withPodLevel(pod, podRequests, podLimits));
  }

  private static void putBack(
      Map<String, Quantity> had, Map<String, Quantity> filled, Map<String, Quantity> to) {
    had.forEach(
        (name, quantity) -> {
          if (!quantity.equals(filled.get(name))) {
            to.put(name, quantity);
          }
        });
  }

  private static boolean declares(PodShape pod, String resource) {
    return pod.containers().stream()
        .anyMatch(c -> c.requests().containsKey(resource) || c.limits().containsKey(resource));
  }

  /// Copies limits without a request into the requests.
  private static ContainerShape requestsOfLimits(ContainerShape container) {
    if (container.requests().keySet().containsAll(container.limits().keySet())) {
      return container;
    }
    var requests = new HashMap<>(container.requests());
    container.limits().forEach(requests::putIfAbsent);
    return new ContainerShape(container.name(), container.role(), requests, container.limits());
  }

  /// `defaultHugePagePodLimits`.
  private static void hugePageLimits(
      PodShape pod, Map<String, Quantity> podRequests, Map<String, Quantity> podLimits) {
    if (podRequests.isEmpty() && podLimits.isEmpty()) {
      return;
    }
    var sum = PodResources.aggregate(pod, ContainerShape::limits);
    for (var name : sum.names()) {
      if (PodResources.isHugePages(name) && !podRequests.containsKey(name)) {
        podLimits.putIfAbsent(name, sum.get(name).quantity());
      }
    }
  }

  /// `defaultPodRequests`: the sum of the containers for resources that may be overcommitted, else
  /// the limit.
  private static void podRequests(
      PodShape pod, Map<String, Quantity> podRequests, Map<String, Quantity> podLimits) {
    if (podLimits.isEmpty()) {
      return;
    }
    var sum = PodResources.aggregate(pod, ContainerShape::requests);
    for (var name : sum.names()) {
      if (PodResources.isCompute(name)) {
        podRequests.putIfAbsent(name, sum.get(name).quantity());
      }
    }
    podLimits.forEach(
        (name, limit) -> {
          if (PodResources.isOfPodLevel(name)) {
            podRequests.putIfAbsent(name, limit);
          }
        });
  }
}
