package io.cgrouppolicy.cli.audit;

import io.cgrouppolicy.core.admission.Claim;
import io.cgrouppolicy.core.admission.ClaimTemplates;
import io.cgrouppolicy.core.kubelet.Answer;
import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.Workload;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// A cluster at one moment, as far as policies need it.
///
/// @param workloads resolves the workload of a pod
public record Snapshot(
    List<NamespaceSnapshot> namespaces,
    Function<PodFacts, Workload> workloads,
    List<NodeSnapshot> nodes,
    Platform platform) {

  /// Joins snapshots of different namespaces of one cluster, without nodes.
  public static Snapshot join(List<Snapshot> snapshots) {
    var workloads = new HashMap<String, Function<PodFacts, Workload>>();
    for (var snapshot : snapshots) {
      snapshot.namespaces().forEach(found -> workloads.put(found.name(), snapshot.workloads()));
    }
    return new Snapshot(
        snapshots.stream().flatMap(snapshot -> snapshot.namespaces().stream()).toList(),
        pod -> workloads.get(pod.namespace()).apply(pod),
        List.of(),
        snapshots.getFirst().platform());
  }

  /// @param objects its LimitRanges, and the ResourceQuotas with names that the operator uses
  /// @param pods that have not ended
  public record NamespaceSnapshot(
      String name,
      Map<String, String> labels,
      Observed objects,
      List<PodFacts> pods,
      List<Claim> claims,
      List<ClaimTemplates> claimTemplates) {}

  /// @param configuration what the kubelet answered, or null if no policy asks for it
  /// @param summary likewise
  /// @param pods that run on it, in all namespaces
  public record NodeSnapshot(
      NodeFacts facts,
      Answer<KubeletConfiguration> configuration,
      Answer<NodeSummary> summary,
      List<PodFacts> pods) {}
}
