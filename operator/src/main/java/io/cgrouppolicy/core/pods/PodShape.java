package io.cgrouppolicy.core.pods;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/// The part of a pod's spec that decisions depend on. Pods with equal shapes share one instance.
///
/// @param containers in the order init and sidecar, main, ephemeral
/// @param podRequests pod-level resources (`spec.resources`), or empty
/// @param podLimits pod-level resources (`spec.resources`), or empty
/// @param overhead of the runtime class, or empty
/// @param priorityClass name of the priority class, or ""
/// @param priority its value
/// @param deadline whether `activeDeadlineSeconds` is set, for quota scopes
/// @param crossNamespaceAffinity whether an affinity term selects other namespaces, for quota
///     scopes
/// @param written the containers before LimitRanger set defaults, as far as its annotation records
///     them; empty if it set none
public record PodShape(
    List<ContainerShape> containers,
    Map<String, Quantity> podRequests,
    Map<String, Quantity> podLimits,
    Map<String, Quantity> overhead,
    String priorityClass,
    int priority,
    boolean deadline,
    boolean crossNamespaceAffinity,
    List<ContainerShape> written) {

  /// The shape of a pod without LimitRanger defaults.
  public PodShape(
      List<ContainerShape> containers,
      Map<String, Quantity> podRequests,
      Map<String, Quantity> podLimits,
      Map<String, Quantity> overhead,
      String priorityClass,
      int priority,
      boolean deadline,
      boolean crossNamespaceAffinity) {
    this(
        containers,
        podRequests,
        podLimits,
        overhead,
        priorityClass,
        priority,
        deadline,
        crossNamespaceAffinity,
        List.of());
  }

  /// Whether LimitRanger set a default in any container of the pod.
  public boolean defaulted() {
    return !written.isEmpty();
  }

  /// Whether the pod or any of its containers has a limit for a resource.
  public boolean limits(String resource) {
    return DeclaredResources.declares(podLimits, resource)
        || containers.stream().anyMatch(c -> DeclaredResources.declares(c.limits(), resource));
  }
}
