package io.cgrouppolicy.shell.pods;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cgrouppolicy.core.admission.PodPreview;
import io.cgrouppolicy.core.admission.Preview;
import io.cgrouppolicy.core.admission.Preview.Surroundings;
import io.cgrouppolicy.core.admission.StoragePreview;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.StorageCache;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/// Previews what a policy's LimitRange and ResourceQuotas would do to the pods of a namespace,
/// together with the LimitRanges that are in the namespace now.
@ApplicationScoped
class Previewer {
  /// Few previews serve all namespaces because most namespaces have the same LimitRanges.
  private static final int MAX_PREVIEWS = 64;

  private record Key(String policyUid, long generation, Surroundings surroundings) {}

  private final Cache<Key, Preview> previews =
      Caffeine.newBuilder().maximumSize(MAX_PREVIEWS).executor(Runnable::run).build();

  private final ClusterCache cluster;
  private final StorageCache storage;
  private final OwnerResolver owners;

  Previewer(ClusterCache cluster, StorageCache storage, OwnerResolver owners) {
    this.cluster = cluster;
    this.storage = storage;
    this.owners = owners;
  }

  /// @param settled whether the surge of all Deployments was known, if the result depends on it
  record Previewed(PodPreview preview, boolean settled) {}

  Previewed preview(CompiledPolicy policy, String namespace, Collection<PodFacts> pods) {
    var unsettled = new AtomicBoolean();
    var preview = preview(policy, Surroundings.of(cluster.observe(namespace)));
    synchronized (preview) {
      var result =
          PodPreview.of(
              preview,
              policy,
              namespace,
              pods,
              pod -> {
                var owner = owners.of(pod);
                if (!owner.settled()) {
                  unsettled.set(true);
                }
                return owner.workload();
              });
      return new Previewed(result, policy.resourceQuotas().isEmpty() || !unsettled.get());
    }
  }

  /// The findings on PersistentVolumeClaims; none while the operator cannot see them.
  List<WorkloadFinding> storage(CompiledPolicy policy, String namespace) {
    return storage.visible() && policy.limitsStorage()
        ? StoragePreview.of(
            policy, namespace, storage.claims(namespace), storage.templates(namespace))
        : List.of();
  }

  /// The quotas in a namespace, by name.
  Map<String, ResourceQuota> quotas(String namespace) {
    return cluster.observe(namespace).resourceQuotas();
  }

  private Preview preview(CompiledPolicy policy, Surroundings surroundings) {
    return previews.get(
        new Key(policy.uid(), policy.generation(), surroundings),
        key -> new Preview(policy, surroundings));
  }
}
