package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.PolicyBook.Selection;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.cgrouppolicy.shell.cluster.WatchGuard.Watched;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.cgrouppolicy.shell.write.PendingWrites;
import io.cgrouppolicy.telemetry.Probes.ClusterView;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// The operator's view of the cluster: informers on LimitRanges and quotas, plus the primary
/// caches of the policy and namespace controllers.
///
/// The informers are plain fabric8 ones, not the SDK's, because they pass the old object with the
/// new one, report why a list fails, and index by namespace.
@ApplicationScoped
public class ClusterCache implements ClusterView {
  private static final Logger LOG = Logger.getLogger(ClusterCache.class);

  /// Receives policy changes.
  public interface PolicyListener {
    /// @param before the policy before the change, or null; `after` is null when it was deleted
    void policyChanged(CompiledPolicy before, CompiledPolicy after);
  }

  /// Receives changes that concern namespaces.
  public interface Listener {
    /// Called when one of our objects in the namespace, or another LimitRange there, changed.
    void childChanged(String namespace);

    /// Called when the quota controller updated the status of our quota.
    ///
    /// @param adopted whether the quota is now enforced
    void quotaStatusChanged(String namespace, boolean adopted);

    /// @param before the policy before the change, or null; `after` is null when it was deleted
    /// @param affected the namespaces whose selecting policies, or their generations, changed
    void policyChanged(CompiledPolicy before, CompiledPolicy after, Collection<String> affected);

    /// Called when the result of [ClusterCache#trouble()] may have changed.
    void viewChanged();
  }

  /// The index of quotas with our names, by namespace.
  private static final String QUOTAS = "quotas";

  private final KubernetesClient client;
  private final PendingWrites pending = new PendingWrites();
  private final List<PolicyListener> policyListeners = new CopyOnWriteArrayList<>();
  private final Selections<Namespace> selections =
      new Selections<>(
          namespace ->
              book()
                  .select(namespace.getMetadata().getName(), namespace.getMetadata().getLabels()));
  private final PolicyStore policyStore;
  private volatile IndexerResourceCache<Namespace> namespaces;
  private volatile IndexerResourceCache<CgroupPolicy> policies;
  private volatile Listener listener;
  private SharedIndexInformer<LimitRange> limitRanges;
  private SharedIndexInformer<ResourceQuota> quotas;
  private final WatchGuard guard;
  private final WatchGuard.Watches watches;

  ClusterCache(KubernetesClient client, WatchGuard guard, OperatorSettings settings) {
    this.client = client;
    this.guard = guard;
    this.watches = guard.watches("the cluster is");
    var system = SystemNamespaces.of(settings.systemNamespaces(), settings.namespace());
    policyStore = new PolicyStore(new PolicyBook(List.of(), system), this::policyChanged);
  }

  /// Starts the watches and waits up to 10 s each for their first lists. A rejected list is retried
  /// forever and shows in [#trouble()].
  public void start(IndexerResourceCache<Namespace> namespaces, Listener listener) {
    this.namespaces = namespaces;
    this.listener = listener;
    selections
        .putAll(this::namespaces)
        .forEach(listener::childChanged); // for policies that came before
    limitRanges =
        client.limitRanges().inAnyNamespace().withLimit(PruningItemStore.PAGE).runnableInformer(0);
    // All of them: a selector cannot match a prefix of the name, and a label can be removed.
    quotas =
        client
            .resourceQuotas()
            .inAnyNamespace()
            .withLimit(PruningItemStore.PAGE)
            .runnableInformer(0);
    quotas.removeNamespaceIndex(); // would keep the keys of quotas that the store drops
    quotas.addIndexers(Map.of(QUOTAS, ClusterCache::namespaceOfQuota));
    limitRanges.itemStore(new PruningItemStore<>());
    quotas.itemStore(new PruningItemStore<>());
    limitRanges.addEventHandler(new ChildHandler<>(Child.Kind.LimitRange, pending, listener));
    quotas.addEventHandler(new ChildHandler<>(Child.Kind.ResourceQuota, pending, listener));
    var lists =
        watches.start(
            List.of(
                Watched.primary(CgroupPolicy.class, policies),
                Watched.by(limitRanges),
                Watched.by(quotas),
                Watched.primary(Namespace.class, namespaces)),
            listener::viewChanged);
    for (var list : lists) {
      try {
        list.get(10, TimeUnit.SECONDS);
      } catch (TimeoutException | ExecutionException e) {
        LOG.debugf("a first list failed or is slow: %s", e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    if (trouble() != null) {
      watches.check(); // finds the reason before the first caller needs it
      LOG.debugf("starting without a full view of the cluster: %s", trouble());
    }
  }

  public void stop() {
    watches.stop();
  }

  /// Adds a listener for all further policy changes.
  public void addListener(PolicyListener listener) {
    policyListeners.add(listener);
  }

  /// Sets the primary cache of the policy controller. That controller also calls [#policyApplied]
  /// and [#policyDeleted].
  public void setPolicyCache(IndexerResourceCache<CgroupPolicy> policies) {
    this.policies = policies;
  }

  /// Updates the policies by a list: see [PolicyStore#read].
  public void readPolicies() {
    policyStore.read(client);
  }

  /// Records what the watch on policies shows.
  public void policyApplied(CgroupPolicy policy) {
    policyStore.apply(policy);
  }

  public void policyDeleted(String name, String uid) {
    policyStore.delete(name, uid);
  }

  private void policyChanged(CompiledPolicy before, CompiledPolicy after) {
    var affected = selections.putAll(this::namespaces);
    var current = listener;
    if (current != null) {
      current.policyChanged(before, after, affected);
    }
    policyListeners.forEach(other -> other.policyChanged(before, after));
  }

  /// Records a new namespace or new labels of one.
  public void namespaceChanged(Namespace namespace) {
    selections.put(namespace);
  }

  /// Drops a namespace that was deleted or is terminating.
  public void namespaceGone(String name) {
    selections.remove(name);
    pending.forget(name);
  }

  /// The policies that select a namespace.
  public Selection selection(String namespace) {
    return selections.of(namespace);
  }

  /// The namespaces whose verdicts count for a policy, in any order.
  public List<String> judgedBy(String policy) {
    return selections.judgedBy(policy);
  }

  public PolicyBook book() {
    return policyStore.book();
  }

  public PendingWrites pending() {
    return pending;
  }

  /// The objects in a namespace. Includes our own last writes even if the watch lags behind.
  public Observed observe(String namespace) {
    var limitRange = (LimitRange) latest(Child.LIMIT_RANGE, limitRanges, namespace);
    var others =
        limitRanges.getIndexer().byIndex("namespace", namespace).stream()
            .filter(other -> !other.getMetadata().getName().equals(Child.NAME))
            .sorted(Comparator.comparing(other -> other.getMetadata().getName()))
            .toList();
    return new Observed(limitRange, quotas(namespace), others, Set.of());
  }

  private Map<String, ResourceQuota> quotas(String namespace) {
    var found = new TreeMap<String, ResourceQuota>();
    Stream.concat(
            pending.names(Child.Kind.ResourceQuota, namespace),
            quotas.getIndexer().byIndex(QUOTAS, namespace).stream()
                .map(quota -> quota.getMetadata().getName()))
        .forEach(
            name ->
                found.computeIfAbsent(
                    name, n -> (ResourceQuota) latest(Child.quota(n), quotas, namespace)));
    return found;
  }

  private static List<String> namespaceOfQuota(ResourceQuota quota) {
    var metadata = quota.getMetadata();
    return Child.isQuotaName(metadata.getName()) ? List.of(metadata.getNamespace()) : List.of();
  }

  private <T extends HasMetadata> HasMetadata latest(
      Child child, SharedIndexInformer<T> informer, String namespace) {
    // Must be read before the cache: see PendingWrites.
    var shownUpTo = informer.lastSyncResourceVersion();
    var cached = informer.getStore().getByKey(namespace + "/" + child.name());
    return pending.latest(child, namespace, cached, shownUpTo);
  }

  public Collection<Namespace> namespaces() {
    var cache = namespaces;
    return cache == null ? List.of() : cache.list().toList();
  }

  public Optional<Namespace> namespace(String name) {
    var cache = namespaces;
    return cache == null ? Optional.empty() : cache.get(new ResourceID(name));
  }

  /// Whether a namespace exists and is not terminating.
  public boolean hasNamespace(String name) {
    return namespace(name).filter(n -> n.getMetadata().getDeletionTimestamp() == null).isPresent();
  }

  /// While there is trouble, callers must not judge namespaces: an empty cache looks like an empty
  /// cluster.
  @Override
  public Trouble trouble() {
    return watches.trouble();
  }

  @Override
  public List<String> endedWatches() {
    return guard.ended();
  }
}
