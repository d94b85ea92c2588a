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

/// What a pod as a whole asks for, in the several ways in which the API server reckons it (v1.36:
/// `component-helpers/resource/helpers.go`, and LimitRanger's own copy of it).
final class PodResources {
  private PodResources() {}

  static List<ContainerShape> main(PodShape pod) {
    return pod.containers().stream().filter(c -> c.role() == Role.MAIN).toList();
  }

  /// With the sidecars among them, in their order.
  static List<ContainerShape> init(PodShape pod) {
    return pod.containers().stream()
        .filter(c -> c.role() == Role.INIT || c.role() == Role.SIDECAR)
        .toList();
  }

  /// Those that a new pod has.
  static List<ContainerShape> declared(PodShape pod) {
    return Stream.concat(main(pod).stream(), init(pod).stream()).toList();
  }

  /// Whether the pod level may name the resource (`IsSupportedPodLevelResource`).
  static boolean isOfPodLevel(String resource) {
    return isCompute(resource) || isHugePages(resource);
  }

  static boolean isCompute(String resource) {
    return resource.equals("cpu") || resource.equals("memory");
  }

  static boolean isHugePages(String resource) {
    return resource.startsWith("hugepages-");
  }

  /// `IsPodLevelResourcesSet`
  static boolean isPodLevelSet(PodShape pod) {
    return Stream.concat(pod.podRequests().keySet().stream(), pod.podLimits().keySet().stream())
        .anyMatch(PodResources::isOfPodLevel);
  }

  /// What the containers ask for together: all that run at once, and at least what any init
  /// container needs beside the sidecars that were started before it.
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
            sum.put(name, Amount.of(quantity));
          }
        });
    return sum;
  }

  /// As LimitRanger has it: without overhead, and with no regard to huge pages of the pod level.
  static ResourceList limitRangerRequests(PodShape pod) {
    return overridden(
        aggregate(pod, ContainerShape::requests), pod.podRequests(), PodResources::isCompute);
  }

  static ResourceList limitRangerLimits(PodShape pod) {
    return overridden(
        aggregate(pod, ContainerShape::limits), pod.podLimits(), PodResources::isCompute);
  }

  /// As the quota has it (`PodRequests`).
  static ResourceList requests(PodShape pod) {
    var sum =
        overridden(
            aggregate(pod, ContainerShape::requests),
            pod.podRequests(),
            PodResources::isOfPodLevel);
    sum.add(ResourceList.of(pod.overhead()));
    return sum;
  }

  /// As the quota has it (`PodLimits`): overhead adds to limits only, it does not make one.
  static ResourceList limits(PodShape pod) {
    var sum =
        overridden(
            aggregate(pod, ContainerShape::limits), pod.podLimits(), PodResources::isOfPodLevel);
    sum.add(ResourceList.of(pod.overhead()).only(sum.withoutZeros().names()));
    return sum;
  }
}
