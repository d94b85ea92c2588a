package io.cgrouppolicy.shell.start;

import io.cgrouppolicy.core.namespace.NamespaceRecord;
import io.cgrouppolicy.core.node.NodeRecord;
import io.cgrouppolicy.core.status.PolicyRecord;
import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.ObjectStore;
import io.cgrouppolicy.shell.cluster.PolicyWaker;
import io.cgrouppolicy.shell.node.NeighbourReviewer;
import io.cgrouppolicy.shell.write.LeaseFence;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/// Produces the beans for classes that do not depend on CDI.
class Wiring {
  @Produces
  @Singleton
  ObjectStore<NamespaceRecord> namespaces(ClusterCache cluster, PolicyWaker waker) {
    return new ObjectStore<>(
        NamespaceRecord.NONE,
        cluster::hasNamespace,
        (name, before, after) -> {
          waker.wakeChanged(before.verdicts(), after.verdicts());
          waker.wakeChanged(before.workloads(), after.workloads());
        });
  }

  @Produces
  @Singleton
  ObjectStore<NodeRecord> nodes(NodeCache cache, PolicyWaker waker, NeighbourReviewer reviewer) {
    return new ObjectStore<>(
        NodeRecord.NONE,
        node -> cache.node(node).isPresent(),
        (name, before, after) -> {
          waker.wakeChanged(before.verdicts(), after.verdicts());
          waker.wakeChanged(before.pressure(), after.pressure());
          waker.wakeChanged(before.neighbours(), after.neighbours());
          if (after.differsInUsage(before)) {
            reviewer.changed(name);
          }
        });
  }

  /// By uid, so that a policy that is recreated starts afresh.
  @Produces
  @Singleton
  ObjectStore<PolicyRecord> policies(ClusterCache cluster) {
    return new ObjectStore<>(
        PolicyRecord.NONE,
        uid -> cluster.book().policies().stream().anyMatch(policy -> policy.uid().equals(uid)),
        (name, before, after) -> {});
  }

  /// Replaces the extension's bean, which the warm-up could not share.
  @Produces
  @Singleton
  KubernetesSerialization serialization() {
    return WarmUp.serialization();
  }

  /// Replaces the extension's bean: watches notice a dead connection, and [LeaseFence] sees each
  /// request.
  @Produces
  @ApplicationScoped
  KubernetesClient client(
      KubernetesSerialization serialization, Config config, Vertx vertx, LeaseFence fence) {
    return new KubernetesClientBuilder()
        .withKubernetesSerialization(serialization)
        .withConfig(config)
        .withHttpClientFactory(new VertxHttpClientFactory(new ClosingSilentWatches(vertx)))
        .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("lease", fence))
        .build();
  }

  void close(@Disposes KubernetesClient client) {
    client.close();
  }

  @Produces
  @Singleton
  InstantSource clock() {
    return InstantSource.system();
  }
}
