package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Finds the containers of a pod that declare no request or no limit for a resource.
///
/// - Zero counts as undeclared: the kubelet sets no limit for it (`getMemoryLimit` and
///   `calculateLinuxResources` in `pkg/kubelet/kuberuntime`, v1.36), and the scheduler reserves
///   nothing.
/// - Pod-level resources (`spec.resources`) count for every container: the kubelet gives the pod's
///   limit to a container without its own, and the pod's cgroup bounds them all.
/// - Init containers and sidecars count like main containers: while one runs, it can use as much.
/// - Ephemeral containers do not count: the API forbids them to declare resources, so their author
///   could not fix a violation. They run in the pod's cgroup, which is limited if all other
///   containers are.
final class DeclaredResources {
  private DeclaredResources() {}

  /// The containers without a limit for a resource, in pod order.
  static List<ContainerShape> withoutLimit(PodShape pod, String resource) {
    return without(pod, pod.podLimits(), ContainerShape::limits, resource);
  }

  /// The containers without a request for a resource, in pod order.
  static List<ContainerShape> withoutRequest(PodShape pod, String resource) {
    return without(pod, pod.podRequests(), ContainerShape::requests, resource);
  }

  private static List<ContainerShape> without(
      PodShape pod,
      Map<String, Quantity> podLevel,
      Function<ContainerShape, Map<String, Quantity>> of,
      String resource) {
    return declares(podLevel, resource)
        ? List.of()
        : pod.containers().stream()
            .filter(c -> c.role() != Role.EPHEMERAL && !declares(of.apply(c), resource))
            .toList();
  }

  /// Whether a quantity is above zero. Looks for a non-zero digit, as quantities are never negative
  /// here; parsing the numbers would dominate the cost of judging a namespace.
  static boolean declares(Map<String, Quantity> resources, String resource) {
    var quantity = resources.get(resource);
    if (quantity == null) {
      return false;
    }
    var amount = quantity.getAmount();
    for (int i = 0; i < amount.length(); i++) {
      if (amount.charAt(i) >= '1' && amount.charAt(i) <= '9') {
        return true;
      }
    }
    return false;
  }
}
