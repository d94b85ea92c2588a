package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.limits.Quantities;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/// The quality of service class that the API server gives a pod when it is created, and that stays
/// (`ComputePodQOS` in `pkg/apis/core/v1/helper/qos`, v1.36): only CPU and memory count, and only
/// what is above zero; init containers and sidecars as the others, ephemeral ones not. Pod-level
/// resources count instead of all that the containers declare.
///
/// One pod is not told rightly: where `spec.resources` is there but empty, the server does not look
/// at the containers. The shape has no place for that, and nobody writes it.
public enum Qos {
  /// Has limits for CPU and memory everywhere, and requests as high.
  Guaranteed,
  /// Has some request or limit.
  Burstable,
  /// Has no request and no limit.
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
        boolean limit = Declarations.declares(container.limits(), resource);
        any |= limit || Declarations.declares(container.requests(), resource);
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

  /// Whether the containers request as much as they are limited to, together; as none may request
  /// more than its limit, that means each.
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
