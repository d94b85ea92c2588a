package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.api.v1alpha1.WorkloadsSpec;
import io.cgrouppolicy.core.check.Check;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Checks pods against a policy's `spec.workloads`: MemoryLimitMissing, CpuLimitMissing,
/// LimitMissing, RequestMissing and BestEffortPod, by [DeclaredResources] and [Qos]. Each check is
/// off unless the policy enables it; BestEffort pods violate only `allowBestEffort: false`.
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
      var without = DeclaredResources.withoutLimit(pod, resource);
      if (!without.isEmpty()) {
        findings.add(
            PodFinding.of(
                switch (resource) {
                  case "cpu" -> Check.CpuLimitMissing;
                  case "memory" -> Check.MemoryLimitMissing;
                  default -> Check.LimitMissing;
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
      SortedSet<String> required, PodShape pod, List<PodFinding> findings) {
    var without = new TreeSet<String>();
    var byContainers = new LinkedHashMap<List<ContainerShape>, List<String>>();
    for (var resource : required) {
      var containers = DeclaredResources.withoutRequest(pod, resource);
      if (!containers.isEmpty()) {
        without.add(resource);
        byContainers.computeIfAbsent(containers, same -> new ArrayList<>()).add(resource);
      }
    }
    if (without.isEmpty()) {
      return;
    }
    var text =
        byContainers.entrySet().stream()
            .map(e -> have(e.getKey()) + none(e.getValue()) + " request")
            .collect(Collectors.joining(", "));
    findings.add(
        PodFinding.of(Check.RequestMissing, fields(required), fields(without) + " unset", text));
  }

  private static String none(List<String> resources) {
    if (resources.equals(List.of("cpu", "memory"))) {
      return "neither a CPU nor a memory";
    }
    return "no " + resources.stream().map(WorkloadRules::word).collect(Collectors.joining(" or "));
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

  private static String word(String resource) {
    return resource.equals("cpu") ? "CPU" : resource;
  }

  private static String fields(SortedSet<String> resources) {
    return resources.stream().map("requests."::concat).collect(Collectors.joining(", "));
  }

  private static SortedSet<String> resources(List<String> resources) {
    return resources == null ? new TreeSet<>() : new TreeSet<>(resources);
  }
}
