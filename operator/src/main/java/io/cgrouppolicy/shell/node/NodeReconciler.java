package io.cgrouppolicy.shell.node;

import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.shell.cluster.PruningItemStore;
import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.MDC;

/// Has a node judged when it or a policy changes. Never writes a Node, and never waits for a
/// kubelet.
@ControllerConfiguration(
    name = "node",
    fieldManager = Child.MANAGER,
    informer =
        @Informer(
            onUpdateFilter = NodeChanged.class,
            itemStore = PruningItemStore.class,
            informerListLimit = PruningItemStore.PAGE,
            comparableResourceVersions = false),
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, maxInterval = 10_000)
public class NodeReconciler implements Reconciler<Node> {
  private final ClusterCache cluster;
  private final NodeCache cache;
  private final NodeRegistry registry;
  private final NeighbourReviewer neighbours;
  private final PressureGauges gauges;
  private final PolicyWaker waker;

  NodeReconciler(
      ClusterCache cluster,
      NodeCache cache,
      NodeRegistry registry,
      NeighbourReviewer neighbours,
      PressureGauges gauges,
      PolicyWaker waker) {
    this.cluster = cluster;
    this.cache = cache;
    this.registry = registry;
    this.neighbours = neighbours;
    this.gauges = gauges;
    this.waker = waker;
  }

  @Override
  public List<EventSource<?, Node>> prepareEventSources(EventSourceContext<Node> context) {
    gauges.start();
    return List.of(
        new NodeEventSource(cluster, cache, context.getPrimaryCache(), waker, this::forget));
  }

  @Override
  public UpdateControl<Node> reconcile(Node node, Context<Node> context) {
    var name = node.getMetadata().getName();
    MDC.put("node", name);
    try {
      registry.look(node, cache.selection(name).judging());
      neighbours.changed(name);
      return UpdateControl.noUpdate();
    } finally {
      MDC.remove("node");
    }
  }

  /// Drops a node that is gone.
  private void forget(String name) {
    registry.forget(name);
    neighbours.forget(name);
    cluster.book().policies().stream()
        .filter(policy -> policy.spec() != null && policy.spec().nodes() != null)
        .forEach(policy -> waker.wake(policy.name()));
  }
}
