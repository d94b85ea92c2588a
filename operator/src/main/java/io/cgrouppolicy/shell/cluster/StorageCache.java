package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.admission.Claim;
import io.cgrouppolicy.core.admission.ClaimTemplates;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Caches PersistentVolumeClaims and the claim templates of StatefulSets. The watches start with
/// the first policy that limits storage and never stop. Separate from the other caches because a
/// missing permission must not stop anything but the preview of storage.
@ApplicationScoped
public class StorageCache {
  /// Page size of the first lists.
  private static final long PAGE = 500;

  private final KubernetesClient client;
  private final WatchGuard.Watches watches;
  private FactStore<PersistentVolumeClaim, Claim> claims;
  private FactStore<StatefulSet, ClaimTemplates> sets;

  StorageCache(KubernetesClient client, WatchGuard guard) {
    this.client = client;
    this.watches = guard.watches("persistentvolumeclaims are");
  }

  /// Starts the watches if they are not running yet, without waiting for the first lists. A
  /// rejected list is logged and retried forever. Only the watch on policies calls this.
  ///
  /// @param changed receives a namespace whose claims or templates changed; must not block
  /// @return false if the watches had been started before
  public boolean start(Consumer<String> changed) {
    if (watches.started()) {
      return false;
    }
    claims = new FactStore<>(PersistentVolumeClaim::new, Claim::of, changed);
    sets = new FactStore<>(StatefulSet::new, ClaimTemplates::of, changed);
    watches.start(
        Stream.of(
                informer(
                    client
                        .persistentVolumeClaims()
                        .inAnyNamespace()
                        .withLimit(PAGE)
                        .runnableInformer(0),
                    claims),
                informer(
                    client
                        .apps()
                        .statefulSets()
                        .inAnyNamespace()
                        .withLimit(PAGE)
                        .runnableInformer(0),
                    sets))
            .map(WatchGuard.Watched::by)
            .toList(),
        () -> {});
    return true;
  }

  private static <T extends HasMetadata> SharedIndexInformer<T> informer(
      SharedIndexInformer<T> informer, FactStore<T, ?> store) {
    informer.removeNamespaceIndex();
    informer.itemStore(store);
    return informer;
  }

  /// Whether both first lists are complete and the operator may still watch.
  public boolean visible() {
    return watches.trouble() == null;
  }

  /// Only if [#visible()].
  public List<Claim> claims(String namespace) {
    return claims.inNamespace(namespace);
  }

  /// Only if [#visible()].
  public List<ClaimTemplates> templates(String namespace) {
    return sets.inNamespace(namespace);
  }
}
