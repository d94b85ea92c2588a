package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/// What containers declare, and what that is worth on the node.
///
/// - Zero is nothing declared: the kubelet sets no limit for it (`getMemoryLimit` and
///   `calculateLinuxResources` of `pkg/kubelet/kuberuntime`, v1.36), and the scheduler reserves
///   nothing.
/// - Pod-level resources (`spec.resources`) count for each container: the kubelet gives the pod's
///   limit to a container that has none of its own, and the pod's cgroup holds them all.
/// - Init containers and sidecars count as the others do: while one runs, it can take as much.
/// - Ephemeral containers do not count: the API lets them declare nothing, so that nobody could put
///   it right. They are in the pod's cgroup, which is limited where all other containers are.
final class Declarations {
  private Declarations() {}

  /// The containers without a limit for a resource, in the order of the pod.
  static List<ContainerShape> withoutLimit(PodShape pod, String resource) {
    return declares(pod.podLimits(), resource)
        ? List.of()
        : pod.containers().stream()
            .filter(c -> c.role() != Role.EPHEMERAL && !declares(c.limits(), resource))
            .toList();
  }

  /// The containers without a request for a resource, in the order of the pod.
  static List<ContainerShape> withoutRequest(PodShape pod, String resource) {
    return declares(pod.podRequests(), resource)
        ? List.of()
        : pod.containers().stream()
            .filter(c -> c.role() != Role.EPHEMERAL && !declares(c.requests(), resource))
            .toList();
  }

  /// Whether a quantity is above zero. It cannot be below, so that one digit tells; to parse the
  /// numbers would be most of the work of judging a namespace.
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
