package io.cgrouppolicy.shell.pods;

import io.cgrouppolicy.core.namespace.PodSafety;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.PodCache;
import jakarta.enterprise.context.ApplicationScoped;

/// Decides from the current pods whether the objects of a WhenSafe policy would reject a pod that
/// is running in a namespace. Stateless: the namespace's record stores the answer because of which
/// the namespace is held back, and [WorkloadReviewer] wakes the namespace when the answer changes.
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
    var previewed = previewer.preview(policy, namespace, pods.inNamespace(namespace));
    if (!previewed.preview().safe()) {
      return PodSafety.Unsafe;
    }
    return previewed.settled() ? PodSafety.Safe : PodSafety.OwnersPending;
  }
}
