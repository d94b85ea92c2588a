package io.cgrouppolicy.chaos;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/// A namespace that shows whether an operator protects new ones.
final class Probe {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final AtomicInteger COUNT = new AtomicInteger();

  private Probe() {}

  /// Waits until a namespace that is created now has its LimitRange, and deletes it.
  static void await(Scene scene) {
    var name = "probe-" + COUNT.incrementAndGet();
    var admin = scene.admin();
    admin
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("team", "a")
                .endMetadata()
                .build())
        .create();
    Awaitility.await("the LimitRange of " + name)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .ignoreException(KubernetesClientException.class)
        .until(() -> admin.limitRanges().inNamespace(name).withName("cgroup-policy").get() != null);
    admin.namespaces().withName(name).delete();
  }
}
