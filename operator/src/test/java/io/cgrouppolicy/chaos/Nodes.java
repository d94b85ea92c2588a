package io.cgrouppolicy.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NodeCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PressureCounts;
import io.cgrouppolicy.api.v1alpha1.NodesSpec;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.PressureSpec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Set;

/// What the status of a policy must say about nodes: see `docs/kubelets.md` and `docs/pressure.md`.
/// For Linux nodes, and policies that require a PID limit and reservations, and limit the pressure
/// on memory, as the one of a scene does.
record Nodes(NodeCounts nodes, PressureCounts pressure) {

  /// @param namespaces that the policy judges
  static Nodes of(World world, CgroupPolicy policy, Set<String> namespaces) {
    var spec = policy.getSpec().nodes();
    if (spec == null) {
      return new Nodes(null, null);
    }
    int compliant = 0;
    int drifted = 0;
    int unknown = 0;
    int observed = 0;
    int above = 0;
    int unavailable = 0;
    for (var node : world.nodes()) {
      if (!world.judges(policy, node)) {
        continue;
      }
      var name = World.name(node);
      var kubelet = world.kubelets().getOrDefault(name, World.Kubelet.SILENT);
      boolean hazard = policy.getSpec().workloads() != null && isHazardous(world, name, namespaces);
      if (hazard || drifts(spec, kubelet.configz())) {
        drifted++;
      } else if (spec.kubelet() != null && kubelet.configz() == null) {
        unknown++;
      } else {
        compliant++;
      }
      if (kubelet.summary() == null) {
        unavailable++;
      } else {
        observed++;
        above += isAbove(spec.pressure(), kubelet.summary()) ? 1 : 0;
      }
    }
    int selected = compliant + drifted + unknown;
    return new Nodes(
        new NodeCounts(selected, compliant, drifted, unknown, 0, compliant + "/" + selected),
        spec.pressure() == null ? null : new PressureCounts(observed, above, unavailable, 0));
  }

  /// @param configz or null
  private static boolean drifts(NodesSpec spec, JsonNode configz) {
    if (spec.kubelet() == null || configz == null) {
      return false;
    }
    var config = configz.path("kubeletconfig");
    long pids = config.path("podPidsLimit").asLong(-1);
    var limit = spec.kubelet().podPidsLimit();
    return limit != null && (pids < 1 || pids > limit)
        || Limits.numbers(spec.kubelet().systemReserved()).entrySet().stream()
            .anyMatch(
                least -> {
                  var found = config.path("systemReserved").path(least.getKey()).asText("0");
                  return Limits.number(new Quantity(found)).compareTo(least.getValue()) < 0;
                });
  }

  /// Over 60 s, and still over 10 s.
  private static boolean isAbove(PressureSpec spec, JsonNode summary) {
    if (spec == null) {
      return false;
    }
    var some = summary.at("/node/memory/psi/some");
    double threshold = spec.memory().some();
    return some.path("avg60").asDouble() > threshold && some.path("avg10").asDouble() > threshold;
  }

  /// Whether a pod of these namespaces without a memory limit runs next to another one, of any
  /// namespace, that is Guaranteed and has a limit, or is critical for the system.
  private static boolean isHazardous(World world, String node, Set<String> namespaces) {
    var pods =
        world.pods().values().stream()
            .flatMap(List::stream)
            .filter(pod -> node.equals(pod.getSpec().getNodeName()))
            .toList();
    var hazards =
        pods.stream()
            .filter(pod -> namespaces.contains(pod.getMetadata().getNamespace()))
            .filter(pod -> Pods.lacks(pod, ResourceRequirements::getLimits, "memory"))
            .toList();
    return !hazards.isEmpty()
        && pods.stream().anyMatch(pod -> !hazards.contains(pod) && isImportant(pod));
  }

  private static boolean isImportant(Pod pod) {
    return "Guaranteed".equals(pod.getStatus().getQosClass())
        || String.valueOf(pod.getSpec().getPriorityClassName()).startsWith("system-");
  }
}
