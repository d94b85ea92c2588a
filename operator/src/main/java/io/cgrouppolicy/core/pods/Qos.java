package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/// The QoS class that the API server gives a pod at its creation (`ComputePodQOS` in
/// `pkg/apis/core/v1/helper/qos`, v1.36). Only CPU and memory above zero count; init containers and
/// sidecars count like main containers, ephemeral containers do not. Pod-level resources override
/// those of the containers.
///
/// One case differs from the server: for an empty but present `spec.resources`, the server ignores
/// the containers. The shape cannot represent that, and it does not occur in practice.
public enum Qos {
  /// All containers have CPU and memory limits, and equal requests.
  Guaranteed,
  /// At least one request or limit.
  Burstable,
  /// No requests and no limits.
  BestEffort;

  private static final List<String> RESOURCES = List.of("cpu", "memory");

  public static Qos of(PodShape pod) {
    boolean podLevel = !pod.podRequests().isEmpty() || !pod.podLimits().isEmpty();
    var declared =
        podLevel
            ? List.of(new ContainerShape("", Role.MAIN, pod.podRequests(), pod.podLimits()))
            : pod.containers().stream().filter(c -> c.role() != Role.EPHEMERAL).toList();
    boolean any = false;
    boolean limited = true;
    for (var container : declared) {
      for (var resource : RESOURCES) {
        boolean limit = DeclaredResources.declares(container.limits(), resource);
        any |= limit || DeclaredResources.declares(container.requests(), resource);
        limited &= limit;
      }
    }
    if (!any) {
      return BestEffort;
    }
    return limited && RESOURCES.stream().allMatch(resource -> requested(declared, resource))
        ? Guaranteed
        : Burstable;
  }

  /// Whether the sums of requests and limits are equal. As no request may exceed its limit, this
  /// means that each request equals its limit.
  private static boolean requested(List<ContainerShape> containers, String resource) {
    var difference = BigDecimal.ZERO;
    for (var container : containers) {
      difference =
          difference
              .add(amount(container.limits(), resource))
              .subtract(amount(container.requests(), resource));
    }
    return difference.signum() == 0;
  }

  private static BigDecimal amount(Map<String, Quantity> resources, String resource) {
    var quantity = resources.get(resource);
    return quantity == null ? BigDecimal.ZERO : Quantities.number(quantity);
  }
}
