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

/// The workloads whose pods the API server rejects because of a policy's objects, by topmost
/// controller. A rejection counts until a pod of the workload is created after it.
@ApplicationScoped
class RejectedWorkloads {
  private static final Map<String, String> GROUPS =
      Map.of(
          "ReplicaSet", "apps/v1",
          "StatefulSet", "apps/v1",
          "DaemonSet", "apps/v1",
          "Job", "batch/v1");

  private final FailedCreateWatch watch;
  private final ClusterCache cluster;
  private final PodCache pods;
  private final OwnerResolver owners;

  RejectedWorkloads(
      FailedCreateWatch watch, ClusterCache cluster, PodCache pods, OwnerResolver owners) {
    this.watch = watch;
    this.cluster = cluster;
    this.pods = pods;
    this.owners = owners;
  }

  /// @param changed receives a namespace whose findings may have changed; must not block
  void start(Consumer<String> changed) {
    watch.use(this::owner, this::createdSince);
    watch.addListener(changed);
  }

  /// The findings of check RejectedByPolicy. Empty unless the policy governs the namespace, because
  /// only the governing policy has objects there. Does not block.
  List<WorkloadFinding> in(String namespace, CompiledPolicy policy) {
    var findings = watch.findings(namespace);
    return findings.isEmpty() || !governs(policy, namespace) ? List.of() : findings;
  }

  private boolean governs(CompiledPolicy policy, String namespace) {
    return cluster.selection(namespace).governing().filter(policy::equals).isPresent();
  }

  private Workload owner(String kind, String name, String uid, String namespace) {
    var controller = new Controller(GROUPS.getOrDefault(kind, "v1"), kind, name, uid);
    return owners.ofController(namespace, controller).orElse(null);
  }

  /// Also compares workloads: a fixed Deployment creates its pods from a new ReplicaSet, not from
  /// the rejected one.
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
