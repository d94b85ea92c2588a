package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.limits.ResourceNames;
import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Simulates the API server's validation of a new pod, as far as it concerns resources and a
/// default can violate it (`validateResourceRequirements`, `validatePodResourceConsistency`,
/// v1.36). Assumes valid resource names, because they come from pods and LimitRanges that a server
/// accepted.
final class PodValidation {
  private static final String POD = "spec.resources";

  private final List<Rejection> rejections = new ArrayList<>();
  private final PodShape pod;

  private PodValidation(PodShape pod) {
    this.pod = pod;
  }

  static List<Rejection> rejections(PodShape pod) {
    var validation = new PodValidation(pod);
    validation.containers("spec.containers", PodResources.main(pod));
    validation.containers("spec.initContainers", PodResources.init(pod));
    validation.requirements(POD, "pod", pod.podRequests(), pod.podLimits());
    validation.consistency();
    return List.copyOf(validation.rejections);
  }

  private void add(String subject, String text) {
    rejections.add(new Rejection(Rejection.Kind.INVALID, subject, text));
  }

  private void invalid(String subject, String field, CanonicalQuantity value, String detail) {
    add(subject, field + ": Invalid value: \"" + value + "\": " + detail);
  }

  private void containers(String field, List<ContainerShape> containers) {
    for (int i = 0; i < containers.size(); i++) {
      var container = containers.get(i);
      requirements(
          field + "[" + i + "].resources",
          Rejection.subject(container),
          container.requests(),
          container.limits());
    }
  }

  private void requirements(
      String field, String subject, Map<String, Quantity> requests, Map<String, Quantity> limits) {
    new TreeMap<>(limits)
        .forEach(
            (name, limit) -> value(field + ".limits", subject, name, CanonicalQuantity.of(limit)));
    new TreeMap<>(requests)
        .forEach(
            (name, quantity) -> {
              var request = CanonicalQuantity.of(quantity);
              value(field + ".requests", subject, name, request);
              within(field, subject, name, request, limits.get(name));
            });
    if (names(requests, limits, PodResources::isHugePages)
        && !names(requests, limits, PodResources::isCompute)) {
      add(subject, field + ": Forbidden: HugePages require cpu or memory");
    }
  }

  private static boolean names(
      Map<String, Quantity> requests, Map<String, Quantity> limits, Predicate<String> test) {
    return requests.keySet().stream().anyMatch(test) || limits.keySet().stream().anyMatch(test);
  }

  private void value(String field, String subject, String name, CanonicalQuantity amount) {
    var at = field + "[" + name + "]";
    if (isExtended(name) && amount.milliValue() % 1000 != 0) {
      invalid(subject, at, amount, "must be an integer");
    }
    if (PodResources.isHugePages(name)) {
      var page = CanonicalQuantity.of(new Quantity(name.substring("hugepages-".length())));
      if (amount.value() % page.value() != 0) {
        invalid(subject, at, amount, amount + " is not positive integer multiple of " + name);
      }
    }
  }

  private void within(
      String field, String subject, String name, CanonicalQuantity request, Quantity quantity) {
    boolean overcommit = ResourceNames.mayOvercommit(name);
    if (quantity == null) {
      if (!overcommit) {
        add(
            subject,
            field + ".limits: Required value: Limit must be set for non overcommitable resources");
      }
      return;
    }
    var limit = CanonicalQuantity.of(quantity);
    int compared = request.compareTo(limit);
    if (!overcommit && compared != 0) {
      invalid(
          subject, field + ".requests", request, "must be equal to " + name + " limit of " + limit);
    } else if (compared > 0) {
      invalid(
          subject,
          field + ".requests",
          request,
          "must be less than or equal to " + name + " limit of " + limit);
    }
  }

  /// Checks the pod-level resources against the containers.
  private void consistency() {
    var requests = PodResources.aggregate(pod, ContainerShape::requests);
    for (var name : requests.names()) {
      atLeast(".requests", "requests", name, pod.podRequests().get(name), requests.get(name));
    }
    var limits = PodResources.aggregate(pod, ContainerShape::limits);
    for (var name : limits.names()) {
      if (PodResources.isHugePages(name)) {
        atLeast(".limits", "limits", name, pod.podLimits().get(name), limits.get(name));
      }
    }
    var main = PodResources.main(pod);
    for (int i = 0; i < main.size(); i++) {
      var container = main.get(i);
      for (var name : new TreeMap<>(container.limits()).keySet()) {
        var podLimit = pod.podLimits().get(name);
        var limit = CanonicalQuantity.of(container.limits().get(name));
        if (podLimit != null && limit.compareTo(CanonicalQuantity.of(podLimit)) > 0) {
          invalid(
              Rejection.subject(container),
              POD + ".containers[" + i + "][" + name + "].limits",
              limit,
              "must be less than or equal to pod limits of " + CanonicalQuantity.of(podLimit));
        }
      }
    }
  }

  private void atLeast(
      String field, String what, String name, Quantity ofPod, CanonicalQuantity ofContainers) {
    if (ofPod != null && ofContainers.compareTo(CanonicalQuantity.of(ofPod)) > 0) {
      invalid(
          "pod",
          POD + field + "[" + name + "]",
          CanonicalQuantity.of(ofPod),
          "must be greater than or equal to aggregate container " + what + " of " + ofContainers);
    }
  }

  /// `IsExtendedResourceName`, for a valid name.
  static boolean isExtended(String name) {
    return name.contains("/")
        && !name.contains("kubernetes.io/")
        && !name.startsWith(ResourceNames.REQUESTS);
  }
}
