package io.cgrouppolicy.testing;

import io.cgrouppolicy.core.pods.ContainerShape;
import io.cgrouppolicy.core.pods.ContainerShape.Role;
import io.cgrouppolicy.core.pods.PodShape;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Reads the shape of a pod for tests of the simulated admission, independently of the operator's
/// own reader.
public final class PodShapes {
  private PodShapes() {}

  /// A pod as the server returns it.
  public static PodShape of(Pod pod) {
    var overhead = pod.getSpec().getOverhead();
    return of(pod, overhead == null ? Map.of() : overhead);
  }

  /// A pod as written by a user.
  ///
  /// @param overhead the overhead of its runtime class, which the server fills in
  public static PodShape of(Pod pod, Map<String, Quantity> overhead) {
    var spec = pod.getSpec();
    var containers = new ArrayList<ContainerShape>();
    for (var container : spec.getInitContainers()) {
      boolean sidecar = "Always".equals(container.getRestartPolicy());
      containers.add(container(container, sidecar ? Role.SIDECAR : Role.INIT));
    }
    for (var container : spec.getContainers()) {
      containers.add(container(container, Role.MAIN));
    }
    var resources = spec.getResources();
    return new PodShape(
        containers,
        resources == null ? Map.of() : orEmpty(resources.getRequests()),
        resources == null ? Map.of() : orEmpty(resources.getLimits()),
        overhead,
        spec.getPriorityClassName() == null ? "" : spec.getPriorityClassName(),
        spec.getPriority() == null ? 0 : spec.getPriority(),
        spec.getActiveDeadlineSeconds() != null,
        terms(spec).anyMatch(PodShapes::reachesOut));
  }

  private static ContainerShape container(Container container, Role role) {
    var resources = container.getResources();
    return new ContainerShape(
        container.getName(),
        role,
        resources == null ? Map.of() : orEmpty(resources.getRequests()),
        resources == null ? Map.of() : orEmpty(resources.getLimits()));
  }

  private static Map<String, Quantity> orEmpty(Map<String, Quantity> map) {
    return map == null ? Map.of() : map;
  }

  private static boolean reachesOut(PodAffinityTerm term) {
    return !term.getNamespaces().isEmpty() || term.getNamespaceSelector() != null;
  }

  private static Stream<PodAffinityTerm> terms(PodSpec spec) {
    var affinity = spec.getAffinity();
    if (affinity == null) {
      return Stream.of();
    }
    var terms = new ArrayList<PodAffinityTerm>();
    if (affinity.getPodAffinity() != null) {
      terms.addAll(affinity.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution());
      terms.addAll(
          unweighted(
              affinity.getPodAffinity().getPreferredDuringSchedulingIgnoredDuringExecution()));
    }
    if (affinity.getPodAntiAffinity() != null) {
      terms.addAll(
          affinity.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecution());
      terms.addAll(
          unweighted(
              affinity.getPodAntiAffinity().getPreferredDuringSchedulingIgnoredDuringExecution()));
    }
    return terms.stream();
  }

  private static List<PodAffinityTerm> unweighted(List<WeightedPodAffinityTerm> terms) {
    return terms.stream().map(WeightedPodAffinityTerm::getPodAffinityTerm).toList();
  }
}
