package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.pods.PodFacts.Controller;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.PodCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The workloads whose pods the API server refuses because of a policy's objects: what the events
/// tell, by topmost controller, for as long as no pod of the workload was created since.
@ApplicationScoped
class RejectedWorkloads {
  private static final Map<String, String> GROUPS =
      Map.of(
          "ReplicaSet", "apps/v1",
          "StatefulSet", "apps/v1",
          "DaemonSet", "apps/v1",
          "Job", "batch/v1");

  private final FailedCreateWatch refusals;
  private final ClusterCache cluster;
  private final PodCache pods;
  private final OwnerResolver owners;

  RejectedWorkloads(
      FailedCreateWatch refusals, ClusterCache cluster, PodCache pods, OwnerResolver owners) {
    this.refusals = refusals;
    this.cluster = cluster;
    this.pods = pods;
    this.owners = owners;
  }

  /// @param changed told a namespace whose findings may have become others; must not block
  void start(Consumer<String> changed) {
    refusals.use(this::owner, this::createdSince);
    refusals.addListener(changed);
  }

  /// Findings of the check RejectedByPolicy; does not block. Only the policy that governs a
  /// namespace has objects there.
  List<WorkloadFinding> in(String namespace, CompiledPolicy policy) {
    var findings = refusals.findings(namespace);
    return findings.isEmpty() || !governs(policy, namespace) ? List.of() : findings;
  }

  private boolean governs(CompiledPolicy policy, String namespace) {
    return cluster.selection(namespace).governing().filter(policy::equals).isPresent();
  }

  private Workload owner(String kind, String name, String uid, String namespace) {
    var controller = new Controller(GROUPS.getOrDefault(kind, "v1"), kind, name, uid);
    return owners.ofController(namespace, controller).orElse(null);
  }

  /// By the workload too: a Deployment that was mended makes its pods with another ReplicaSet than
  /// the one that was refused.
  private boolean createdSince(
      String namespace, Workload workload, String controllerUid, Instant time) {
    return pods.inNamespace(namespace).stream()
        .filter(pod -> pod.controller() != null && pod.created() >= time.getEpochSecond())
        .anyMatch(
            pod ->
                pod.controller().uid().equals(controllerUid)
                    || isOf(workload, owners.of(pod).workload()));
  }

  private static boolean isOf(Workload workload, Workload other) {
    return workload.kind().equals(other.kind()) && workload.name().equals(other.name());
  }
}
