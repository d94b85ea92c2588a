package io.cgrouppolicy.shell.namespace;

import io.cgrouppolicy.core.namespace.NamespaceVerdict;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.ComplianceIndex;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.fabric8.kubernetes.api.model.Namespace;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.util.Set;
import java.util.function.Consumer;

/// Wakes a namespace when one of its objects changes, and all that a policy is or was about when
/// the policy changes.
final class NamespaceEventSource extends AbstractEventSource<Void, Namespace>
    implements ClusterCache.Listener, ResourceEventAware<Namespace> {
  private final ClusterCache cache;
  private final ComplianceIndex<NamespaceVerdict> index;
  private final IndexerResourceCache<Namespace> namespaces;
  private final PolicyWaker waker;
  private final Consumer<String> gone;

  /// @param gone told the name of a namespace that was deleted
  NamespaceEventSource(
      ClusterCache cache,
      ComplianceIndex<NamespaceVerdict> index,
      IndexerResourceCache<Namespace> namespaces,
      PolicyWaker waker,
      Consumer<String> gone) {
    super(Void.class, "children-and-policies");
    this.cache = cache;
    this.index = index;
    this.namespaces = namespaces;
    this.waker = waker;
    this.gone = gone;
  }

  @Override
  public void start() {
    super.start();
    cache.start(namespaces, this);
  }

  @Override
  public void stop() {
    super.stop();
    cache.stop();
  }

  @Override
  public void childChanged(String namespace) {
    getEventHandler().handleEvent(new Event(new ResourceID(namespace)));
  }

  /// The SDK asks an `onDeleteFilter` of secondary resources only; this is told of all.
  @Override
  public void onResourceDeleted(Namespace namespace) {
    gone.accept(namespace.getMetadata().getName());
  }

  @Override
  public void policyChanged(CompiledPolicy before, CompiledPolicy after) {
    var book = cache.book();
    namespaces
        .list()
        .forEach(
            namespace -> {
              var name = namespace.getMetadata().getName();
              var labels = namespace.getMetadata().getLabels();
              if (before != null && (book.selects(before, name, labels) || !before.valid())
                  || after != null && book.selects(after, name, labels)
                  || index.get(name).containsKey((after == null ? before : after).name())) {
                childChanged(name);
              }
            });
  }

  @Override
  public void viewChanged() {
    cache.book().policies().forEach(policy -> waker.wake(policy.name()));
  }

  @Override
  public Set<Void> getSecondaryResources(Namespace primary) {
    return Set.of();
  }
}
