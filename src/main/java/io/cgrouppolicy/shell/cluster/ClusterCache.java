package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.namespace.NamespacePlanner.Observed;
import io.cgrouppolicy.core.namespace.QuotaAdoption;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.Glob;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.cgrouppolicy.shell.cluster.WatchGuard.Watched;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.cgrouppolicy.shell.write.PendingWrites;
import io.cgrouppolicy.telemetry.ClusterView;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeSpec;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// What the operator knows of the cluster: one watch each on policies, LimitRanges, the quotas of
/// our name, and (the primary cache of the namespace controller) namespaces.
///
/// Plain informers rather than the SDK's, as these tell the old object beside the new one, why they
/// cannot list, and have an index by namespace.
@ApplicationScoped
public class ClusterCache implements ClusterView {
  private static final Logger LOG = Logger.getLogger(ClusterCache.class);

  /// Who is told of changes.
  public interface PolicyListener {
    /// @param before the policy before the change, or null; `after` is null when it was deleted
    void policyChanged(CompiledPolicy before, CompiledPolicy after);
  }

  /// Who is told of changes in namespaces, too.
  public interface Listener extends PolicyListener {
    void childChanged(String namespace);

    /// What keeps the operator from seeing the cluster has come, gone or become something else.
    void viewChanged();
  }

  private final KubernetesClient client;
  private final InstantSource clock;
  private final QuotaAdoption adoption;
  private final PendingWrites pending = new PendingWrites();
  private final List<PolicyListener> policyListeners = new CopyOnWriteArrayList<>();
  private final SystemNamespaces systemNamespaces;
  private volatile PolicyBook book;
  private volatile IndexerResourceCache<Namespace> namespaces;
  private SharedIndexInformer<CgroupPolicy> policies;
  private SharedIndexInformer<LimitRange> limitRanges;
  private SharedIndexInformer<ResourceQuota> quotas;
  private volatile WatchGuard guard;

  /// Watches of others by what they watch, and whether they run.
  private final Map<String, BooleanSupplier> others = new ConcurrentSkipListMap<>();

  ClusterCache(KubernetesClient client, OperatorSettings settings, InstantSource clock) {
    this.client = client;
    this.clock = clock;
    adoption = new QuotaAdoption(settings.quotaGrace());
    var globs = new ArrayList<>(Glob.of(settings.systemNamespaces()));
    globs.add(new Glob(settings.namespace()));
    systemNamespaces = new SystemNamespaces(globs);
    book = new PolicyBook(List.of(), systemNamespaces);
  }

  /// Starts the watches and waits a while for their first lists. One that may not list keeps trying
  /// and shows in [#trouble()].
  public void start(IndexerResourceCache<Namespace> namespaces, Listener listener) {
    this.namespaces = namespaces;
    policies = client.resources(CgroupPolicy.class).runnableInformer(0);
    limitRanges = client.limitRanges().inAnyNamespace().runnableInformer(0);
    quotas =
        client
            .resourceQuotas()
            .inAnyNamespace()
            .withField("metadata.name", Child.NAME)
            .runnableInformer(0);
    limitRanges.itemStore(new PruningItemStore<>());
    quotas.itemStore(new PruningItemStore<>());
    addListener(listener);
    policies.addEventHandler(policyHandler());
    limitRanges.addEventHandler(new ChildHandler<>(listener));
    quotas.addEventHandler(new ChildHandler<>(listener));
    guard =
        new WatchGuard(
            client,
            List.of(
                Watched.by(policies),
                Watched.by(limitRanges),
                Watched.by(quotas),
                WatchGuard.primary("namespaces", namespaces)),
            listener::viewChanged);
    var starts =
        Stream.of(policies, limitRanges, quotas)
            .map(
                informer -> {
                  informer.exceptionHandler((started, failure) -> guard.failed(informer, failure));
                  return informer.start().toCompletableFuture();
                })
            .toList();
    guard.start();
    for (var start : starts) {
      try {
        start.get(10, TimeUnit.SECONDS);
      } catch (TimeoutException | ExecutionException e) {
        LOG.debugf("a first list failed or takes long: %s", e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    if (guard.trouble() != null) {
      guard.check(); // now, so that it is known why before anybody asks
      LOG.warnf("starts without a full view of the cluster: %s", guard.trouble());
    }
  }

  public void stop() {
    if (guard != null) {
      guard.stop();
    }
    Stream.of(policies, limitRanges, quotas)
        .filter(Objects::nonNull)
        .forEach(SharedIndexInformer::stop);
  }

  /// Tells a listener of every change of a policy from now on.
  public void addListener(PolicyListener listener) {
    policyListeners.add(listener);
  }

  private ResourceEventHandler<CgroupPolicy> policyHandler() {
    return new ResourceEventHandler<>() {
      @Override
      public void onAdd(CgroupPolicy policy) {
        changed(policy);
      }

      @Override
      public void onUpdate(CgroupPolicy before, CgroupPolicy policy) {
        changed(policy);
      }

      private void changed(CgroupPolicy policy) {
        var before = book.find(policy.getMetadata().getName()).orElse(null);
        if (before != null
            && before.uid().equals(policy.getMetadata().getUid())
            && before.generation() == policy.getMetadata().getGeneration()) {
          return; // status or metadata only
        }
        var after = CompiledPolicy.of(policy);
        book = book.with(after);
        policyListeners.forEach(listener -> listener.policyChanged(before, after));
      }

      @Override
      public void onDelete(CgroupPolicy policy, boolean unknown) {
        var before = book.find(policy.getMetadata().getName()).orElse(null);
        book = book.without(policy.getMetadata().getName());
        if (before != null) {
          policyListeners.forEach(listener -> listener.policyChanged(before, null));
        }
      }
    };
  }

  public PolicyBook book() {
    return book;
  }

  public PendingWrites pending() {
    return pending;
  }

  /// What is in a namespace, our own last writes included even where the watch lags behind.
  public Observed observe(String namespace) {
    var limitRange = (LimitRange) latest(Child.LimitRange, limitRanges, namespace);
    var quota = (ResourceQuota) latest(Child.ResourceQuota, quotas, namespace);
    var others =
        limitRanges.getIndexer().byIndex("namespace", namespace).stream()
            .filter(other -> !other.getMetadata().getName().equals(Child.NAME))
            .sorted(Comparator.comparing(other -> other.getMetadata().getName()))
            .toList();
    var overdue = adoption.overdue(namespace, quota, clock.instant());
    return new Observed(limitRange, quota, others, overdue);
  }

  /// The specs of the LimitRanges in a namespace that are not ours, by name.
  public Map<String, LimitRangeSpec> foreignLimitRanges(String namespace) {
    var specs = new TreeMap<String, LimitRangeSpec>();
    for (var limitRange : limitRanges.getIndexer().byIndex("namespace", namespace)) {
      var name = limitRange.getMetadata().getName();
      if (!name.equals(Child.NAME) || !Child.isOurs(limitRange)) {
        specs.put(name, limitRange.getSpec());
      }
    }
    return specs;
  }

  /// Tells which quotas wait for the quota controller, as of the last [#observe(String)].
  public QuotaAdoption adoption() {
    return adoption;
  }

  private <T extends HasMetadata> HasMetadata latest(
      Child child, SharedIndexInformer<T> informer, String namespace) {
    var shownUpTo =
        informer.lastSyncResourceVersion(); // before the cache is read: see PendingWrites
    var cached = informer.getStore().getByKey(namespace + "/" + Child.NAME);
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

  /// Namespaces must not be judged meanwhile: an empty cache would look like an empty cluster.
  @Override
  public Trouble trouble() {
    var watching = guard;
    return watching == null
        ? new Trouble("CacheNotSynced", "the cluster is not watched yet")
        : watching.trouble();
  }

  /// Notes a watch of somebody else's, for [#endedWatches()].
  public void alsoWatches(String plural, BooleanSupplier running) {
    others.put(plural, running);
  }

  @Override
  public List<String> endedWatches() {
    return Stream.concat(
            Stream.of(policies, limitRanges, quotas)
                .filter(informer -> informer != null && !informer.isRunning())
                .map(informer -> HasMetadata.getPlural(informer.getApiTypeClass())),
            others.entrySet().stream()
                .filter(other -> !other.getValue().getAsBoolean())
                .map(Map.Entry::getKey))
        .toList();
  }
}
