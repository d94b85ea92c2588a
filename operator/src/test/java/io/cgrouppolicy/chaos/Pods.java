package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.WorkloadsSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/// What the status of a policy must say about pods: see "Pods" in `docs/concepts.md`.
///
/// @param violating the pods with a violation
/// @param changed the pods that would get other values
/// @param rejected the pods that would be rejected
/// @param workloads the workloads that violate `spec.workloads`, by check, as `NAMESPACE KIND NAME`
record Pods(
    int all, Range violating, Range changed, Range rejected, Map<String, Set<String>> workloads) {

  /// The checks of `spec.workloads`.
  static final List<String> CHECKS =
      List.of(
          "MemoryLimitMissing",
          "CpuLimitMissing",
          "LimitMissing",
          "RequestMissing",
          "BestEffortPod");

  /// @param namespaces that the policy judges
  static Pods of(World world, CgroupPolicy policy, List<String> namespaces) {
    var violating = new ArrayList<Range>();
    var changed = new ArrayList<Range>();
    var rejected = new ArrayList<Range>();
    var workloads = new TreeMap<String, Set<String>>();
    for (var namespace : namespaces) {
      var recreation = Recreation.of(policy, world, namespace);
      // The order of several LimitRanges decides, and is not known.
      boolean unclear = !world.foreign(namespace).isEmpty() && !Templates.of(policy).isEmpty();
      for (var pod : world.podsIn(namespace)) {
        var name = World.name(pod);
        var checks = checks(policy.getSpec().workloads(), pod);
        checks.removeIf(check -> World.exempt(policy, check, namespace));
        for (var check : checks) {
          workloads
              .computeIfAbsent(check, c -> new TreeSet<>())
              .add(namespace + " " + workload(pod));
        }
        boolean changes = recreation.changed.contains(name);
        boolean rejects = recreation.rejected.contains(name);
        boolean outdated =
            policy.getSpec().workloads() != null && recreation.outdated.contains(name);
        boolean mayViolate =
            rejects && !World.exempt(policy, "WouldReject", namespace)
                || outdated && !World.exempt(policy, "PredatesLimitRange", namespace);
        boolean violates = !checks.isEmpty() || mayViolate && !unclear;
        violating.add(Range.of(violates, violates || unclear));
        changed.add(Range.of(changes && !unclear, changes || unclear));
        rejected.add(Range.of(rejects && !unclear, rejects || unclear));
      }
    }
    return new Pods(
        violating.size(),
        Range.sum(violating.stream()),
        Range.sum(changed.stream()),
        Range.sum(rejected.stream()),
        workloads);
  }

  /// The checks of `spec.workloads` that a pod violates.
  static Set<String> checks(WorkloadsSpec spec, Pod pod) {
    var checks = new HashSet<String>();
    if (spec == null) {
      return checks;
    }
    for (var resource : orEmpty(spec.requireLimits())) {
      if (lacks(pod, ResourceRequirements::getLimits, resource)) {
        checks.add(
            switch (resource) {
              case "memory" -> "MemoryLimitMissing";
              case "cpu" -> "CpuLimitMissing";
              default -> "LimitMissing";
            });
      }
    }
    for (var resource : orEmpty(spec.requireRequests())) {
      if (lacks(pod, ResourceRequirements::getRequests, resource)) {
        checks.add("RequestMissing");
      }
    }
    if (Boolean.FALSE.equals(spec.allowBestEffort())
        && "BestEffort".equals(pod.getStatus().getQosClass())) {
      checks.add("BestEffortPod");
    }
    return checks;
  }

  /// Whether a container declares none of a resource, or zero. Ephemeral containers cannot.
  static boolean lacks(
      Pod pod, Function<ResourceRequirements, Map<String, Quantity>> of, String resource) {
    boolean ofPod = declares(pod.getSpec().getResources(), of, resource);
    return !ofPod
        && Stream.of(pod.getSpec().getInitContainers(), pod.getSpec().getContainers())
            .flatMap(List::stream)
            .anyMatch(container -> !declares(container.getResources(), of, resource));
  }

  private static boolean declares(
      ResourceRequirements resources,
      Function<ResourceRequirements, Map<String, Quantity>> of,
      String resource) {
    var amount = resources == null ? null : Limits.numbers(of.apply(resources)).get(resource);
    return amount != null && amount.signum() > 0;
  }

  /// The Deployment of a pod, or the pod itself, as `KIND NAME`.
  static String workload(Pod pod) {
    return pod.getMetadata().getOwnerReferences().stream()
        .filter(owner -> owner.getKind().equals("ReplicaSet"))
        .findFirst()
        .map(owner -> "Deployment " + owner.getName().replaceFirst("-[^-]*$", ""))
        .orElse("Pod " + World.name(pod));
  }

  private static List<String> orEmpty(List<String> list) {
    return list == null ? List.of() : list;
  }
}
