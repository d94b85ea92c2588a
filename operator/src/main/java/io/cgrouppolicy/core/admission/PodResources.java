package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Computes the resources of a whole pod in each way that the API server does (v1.36:
/// `component-helpers/resource/helpers.go`, and LimitRanger's own copy).
public final class PodResources {
  private PodResources() {}

  static List<ContainerShape> main(PodShape pod) {
    return pod.containers().stream().filter(c -> c.role() == Role.MAIN).toList();
  }

  /// Init containers including sidecars, in their order.
  static List<ContainerShape> init(PodShape pod) {
    return pod.containers().stream()
        .filter(c -> c.role() == Role.INIT || c.role() == Role.SIDECAR)
        .toList();
  }

  /// The containers of a new pod.
  static List<ContainerShape> declared(PodShape pod) {
    return Stream.concat(main(pod).stream(), init(pod).stream()).toList();
  }

  /// The containers of a new pod, in the order of the shape.
  static List<ContainerShape> inOrder(PodShape pod) {
    return pod.containers().stream().filter(c -> c.role() != Role.EPHEMERAL).toList();
  }

  /// Whether the resource is allowed at the pod level (`IsSupportedPodLevelResource`).
  static boolean isOfPodLevel(String resource) {
    return isCompute(resource) || isHugePages(resource);
  }

  static boolean isCompute(String resource) {
    return resource.equals("cpu") || resource.equals("memory");
  }

  static boolean isHugePages(String resource) {
    return resource.startsWith("hugepages-");
  }

  /// `IsPodLevelResourcesSet`.
  static boolean isPodLevelSet(PodShape pod) {
    return Stream.concat(pod.podRequests().keySet().stream(), pod.podLimits().keySet().stream())
        .anyMatch(PodResources::isOfPodLevel);
  }

  /// Sums the containers: all that run at the same time, but at least what any init container needs
  /// together with the sidecars started before it.
  static ResourceList aggregate(PodShape pod, Function<ContainerShape, Map<String, Quantity>> of) {
    var sum = new ResourceList();
    main(pod).forEach(container -> sum.add(ResourceList.of(of.apply(container))));
    var sidecars = new ResourceList();
    var start = new ResourceList();
    for (var container : init(pod)) {
      var own = ResourceList.of(of.apply(container));
      if (container.role() == Role.SIDECAR) {
        sum.add(own);
        sidecars.add(own);
        start.max(sidecars);
      } else {
        own.add(sidecars);
        start.max(own);
      }
    }
    sum.max(start);
    return sum;
  }

  private static ResourceList overridden(
      ResourceList sum, Map<String, Quantity> podLevel, Predicate<String> supported) {
    podLevel.forEach(
        (name, quantity) -> {
          if (supported.test(name)) {
            sum.put(name, CanonicalQuantity.of(quantity));
          }
        });
    return sum;
  }

  /// The requests as LimitRanger computes them: without overhead, and ignoring pod-level huge
  /// pages.
  static ResourceList limitRangerRequests(PodShape pod) {
    return overridden(
        aggregate(pod, ContainerShape::requests), pod.podRequests(), PodResources::isCompute);
  }

  static ResourceList limitRangerLimits(PodShape pod) {
    return overridden(
        aggregate(pod, ContainerShape::limits), pod.podLimits(), PodResources::isCompute);
  }

  /// The requests as the quota computes them (`PodRequests`).
  public static ResourceList requests(PodShape pod) {
    var sum =
        overridden(
            aggregate(pod, ContainerShape::requests),
            pod.podRequests(),
            PodResources::isOfPodLevel);
    sum.add(ResourceList.of(pod.overhead()));
    return sum;
  }

  /// The limits as the quota computes them (`PodLimits`): overhead increases existing limits but
  /// does not create one.
  public static ResourceList limits(PodShape pod) {
    var sum =
        overridden(
            aggregate(pod, ContainerShape::limits), pod.podLimits(), PodResources::isOfPodLevel);
    sum.add(ResourceList.of(pod.overhead()).only(sum.withoutZeros().names()));
    return sum;
  }
}
