package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.api.v1alpha1.WorkloadsSpec;
import io.cgrouppolicy.api.v1alpha1.WorkloadsSpec.ComputeResource;
import io.cgrouppolicy.core.check.Check;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;

/// Checks pods against a policy's `spec.workloads`: MemoryLimitMissing, CpuLimitMissing,
/// RequestMissing and BestEffortPod, by [DeclaredResources] and [Qos]. Each check is off unless the
/// policy enables it; BestEffort pods violate only `allowBestEffort: false`.
public final class WorkloadRules {
  /// The most containers that a message names, because messages must fit into a status.
  private static final int MAX_CONTAINERS = 4;

  private WorkloadRules() {}

  /// Creates the rule for one pass over the pods of a namespace. It caches results by shape and is
  /// not thread-safe.
  ///
  /// @param spec null if nothing is required
  public static PodRule rule(WorkloadsSpec spec) {
    if (spec == null) {
      return (pod, workload) -> List.of();
    }
    var known = new IdentityHashMap<PodShape, List<PodFinding>>();
    return (pod, workload) -> known.computeIfAbsent(pod.shape(), shape -> findings(spec, shape));
  }

  public static List<PodFinding> findings(WorkloadsSpec spec, PodShape pod) {
    var findings = new ArrayList<PodFinding>();
    for (var resource : resources(spec.requireLimits())) {
      var without = DeclaredResources.withoutLimit(pod, resource.name());
      if (!without.isEmpty()) {
        findings.add(
            PodFinding.of(
                switch (resource) {
                  case cpu -> Check.CpuLimitMissing;
                  case memory -> Check.MemoryLimitMissing;
                },
                "limits." + resource,
                "unset",
                have(without) + "no " + word(resource) + " limit"));
      }
    }
    requests(resources(spec.requireRequests()), pod, findings);
    if (Boolean.FALSE.equals(spec.allowBestEffort()) && Qos.of(pod) == Qos.BestEffort) {
      findings.add(
          PodFinding.of(
              Check.BestEffortPod,
              "Burstable or Guaranteed",
              "BestEffort",
              "QoS class BestEffort: no request and no limit"));
    }
    return List.copyOf(findings);
  }

  private static void requests(
      EnumSet<ComputeResource> required, PodShape pod, List<PodFinding> findings) {
    var without = new EnumMap<ComputeResource, List<ContainerShape>>(ComputeResource.class);
    for (var resource : required) {
      var containers = DeclaredResources.withoutRequest(pod, resource.name());
      if (!containers.isEmpty()) {
        without.put(resource, containers);
      }
    }
    if (without.isEmpty()) {
      return;
    }
    boolean same = without.size() == 2 && without.values().stream().distinct().count() == 1;
    var text =
        same
            ? have(without.get(ComputeResource.cpu)) + "neither a CPU nor a memory request"
            : without.entrySet().stream()
                .map(e -> have(e.getValue()) + "no " + word(e.getKey()) + " request")
                .collect(Collectors.joining(", "));
    findings.add(
        PodFinding.of(
            Check.RequestMissing, fields(required), fields(without.keySet()) + " unset", text));
  }

  /// "container a has ", "containers a and b (init) have ".
  private static String have(List<ContainerShape> containers) {
    var names = containers.stream().map(WorkloadRules::name).sorted().toList();
    int shown = Math.min(MAX_CONTAINERS, names.size());
    if (names.size() == 1) {
      return "container " + names.getFirst() + " has ";
    }
    var last = names.size() > shown ? names.size() - shown + " more" : names.getLast();
    var first = names.subList(0, names.size() > shown ? shown : shown - 1);
    return "containers " + String.join(", ", first) + " and " + last + " have ";
  }

  private static String name(ContainerShape container) {
    return switch (container.role()) {
      case INIT -> container.name() + " (init)";
      case SIDECAR -> container.name() + " (sidecar)";
      case MAIN, EPHEMERAL -> container.name();
    };
  }

  private static String word(ComputeResource resource) {
    return switch (resource) {
      case cpu -> "CPU";
      case memory -> "memory";
    };
  }

  private static String fields(Iterable<ComputeResource> resources) {
    var fields = new ArrayList<String>();
    resources.forEach(resource -> fields.add("requests." + resource));
    return String.join(", ", fields);
  }

  private static EnumSet<ComputeResource> resources(List<ComputeResource> resources) {
    return resources == null || resources.isEmpty()
        ? EnumSet.noneOf(ComputeResource.class)
        : EnumSet.copyOf(resources);
  }
}
