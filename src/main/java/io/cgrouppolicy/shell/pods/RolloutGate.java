package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.namespace.PodSafety;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.PodCache;
import jakarta.enterprise.context.ApplicationScoped;

/// Says whether the objects of a policy with `rollout: WhenSafe` would reject a pod that runs in a
/// namespace, by the pods as they are when it is asked. Keeps nothing: the answer on which a
/// namespace is held back is in its record, and [WorkloadReviewer] wakes the namespace when the
/// answer becomes another.
@ApplicationScoped
public class RolloutGate {
  private final PodCache pods;
  private final Previewer previewer;

  RolloutGate(PodCache pods, Previewer previewer) {
    this.pods = pods;
    this.previewer = previewer;
  }

  public PodSafety safety(CompiledPolicy policy, String namespace) {
    if (pods.trouble() != null) {
      return PodSafety.NotVisible;
    }
    if (!pods.synced()) {
      return PodSafety.NotListed;
    }
    var seen = previewer.preview(policy, namespace, pods.inNamespace(namespace));
    if (!seen.safe()) {
      return PodSafety.Unsafe;
    }
    return seen.settled() ? PodSafety.Safe : PodSafety.OwnersPending;
  }
}
