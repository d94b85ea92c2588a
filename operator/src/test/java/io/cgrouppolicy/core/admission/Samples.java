package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeItemBuilder;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpec;
import io.fabric8.kubernetes.api.model.ResourceQuotaSpecBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// Creates pods and rules for the tests of this package. Resources have the notation of server
/// messages: `cpu=1,memory=1Gi`.
final class Samples {
  private Samples() {}

  static Map<String, Quantity> resources(String text) {
    var map = new TreeMap<String, Quantity>();
    if (!text.isEmpty()) {
      for (var entry : text.split(",")) {
        map.put(entry.split("=")[0], new Quantity(entry.split("=")[1]));
      }
    }
    return map;
  }

  static ContainerShape container(String name, Role role, String requests, String limits) {
    return new ContainerShape(name, role, resources(requests), resources(limits));
  }

  static ContainerShape main(String requests, String limits) {
    return container("app", Role.MAIN, requests, limits);
  }

  static PodShape pod(ContainerShape... containers) {
    return pod("", "", "", containers);
  }

  static PodShape pod(
      String podRequests, String podLimits, String overhead, ContainerShape... containers) {
    return new PodShape(
        Arrays.asList(containers),
        resources(podRequests),
        resources(podLimits),
        resources(overhead),
        "",
        0,
        false,
        false);
  }

  static PodShape pod(String priorityClass, boolean deadline, boolean crossNamespaceAffinity) {
    return new PodShape(
        List.of(main("", "")),
        Map.of(),
        Map.of(),
        Map.of(),
        priorityClass,
        0,
        deadline,
        crossNamespaceAffinity);
  }

  /// A pod with these containers before it got defaults.
  static PodShape defaulted(PodShape pod, ContainerShape... written) {
    return new PodShape(
        pod.containers(),
        pod.podRequests(),
        pod.podLimits(),
        pod.overhead(),
        pod.priorityClass(),
        pod.priority(),
        pod.deadline(),
        pod.crossNamespaceAffinity(),
        Arrays.asList(written));
  }

  static PodFacts facts(String name, PodShape shape) {
    return new PodFacts("payments", name, "uid-" + name, "1", "", null, shape, 1, false, false);
  }

  static PodFacts mirror(String name, PodShape shape) {
    return new PodFacts("payments", name, "uid-" + name, "1", "n", null, shape, 1, true, false);
  }

  static PodFacts terminating(String name, PodShape shape) {
    return new PodFacts("payments", name, "uid-" + name, "1", "n", null, shape, 1, false, true);
  }

  static LimitRangeSpec limitRange(String type, UnaryOperator<LimitRangeItemBuilder> item) {
    LimitRangeItem built = item.apply(new LimitRangeItemBuilder().withType(type)).build();
    return new LimitRangeSpec(List.of(built));
  }

  /// Completed like the server does: the default is the request too.
  static LimitRangeSpec defaults(String limits) {
    return limitRange(
        "Container",
        item -> item.withDefault(resources(limits)).withDefaultRequest(resources(limits)));
  }

  /// The quotas of a policy that has only this one, or none if null.
  static Map<String, ResourceQuotaSpec> quotas(ResourceQuotaSpec quota) {
    return quota == null ? Map.of() : Map.of(Child.NAME, quota);
  }

  static ResourceQuotaSpec quota(String hard, String... scopes) {
    return new ResourceQuotaSpecBuilder()
        .withHard(resources(hard))
        .withScopes(Arrays.asList(scopes))
        .build();
  }
}
