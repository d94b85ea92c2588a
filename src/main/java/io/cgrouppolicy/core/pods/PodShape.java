package io.cgrouppolicy.core.pods;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/// What of a pod's spec matters for judging it. The pods of a workload have the same shape, so that
/// one instance is kept for all of them.
///
/// @param containers in the order init and sidecar, main, ephemeral
/// @param podRequests pod-level resources (`spec.resources`); empty where there are none
/// @param podLimits pod-level resources (`spec.resources`); empty where there are none
/// @param overhead of the runtime class; empty where there is none
/// @param priorityClass name of the priority class, or ""
/// @param priority its value
/// @param deadline whether `activeDeadlineSeconds` is set, which a quota's scope asks
/// @param crossNamespaceAffinity whether an affinity term reaches other namespaces, which a quota's
///     scope asks
/// @param written the same containers as they were before LimitRanger gave them defaults, as far as
///     it has told; empty where it gave none
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

  /// Of a pod that got no defaults.
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

  /// Whether LimitRanger gave some container of the pod a default.
  public boolean defaulted() {
    return !written.isEmpty();
  }

  /// Whether the pod, or some container of it, has a limit for a resource.
  public boolean limits(String resource) {
    return Declarations.declares(podLimits, resource)
        || containers.stream().anyMatch(c -> Declarations.declares(c.limits(), resource));
  }
}
