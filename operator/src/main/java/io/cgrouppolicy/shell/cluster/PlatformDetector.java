package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.kubelet.Platform;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/// Detects the platform from the cluster's API groups. Repeats the request after 10 minutes because
/// CRDs can be installed later, or after 10 s if it failed.
@ApplicationScoped
public class PlatformDetector {
  private static final Logger LOG = Logger.getLogger(PlatformDetector.class);
  private static final Duration TTL = Duration.ofMinutes(10);
  private static final Duration RETRY_DELAY = Duration.ofSeconds(10);

  private final KubernetesClient client;
  private final InstantSource clock;
  private Platform platform = Platform.UPSTREAM;
  private Instant next = Instant.MIN;

  PlatformDetector(KubernetesClient client, InstantSource clock) {
    this.client = client;
    this.clock = clock;
  }

  public synchronized Platform platform() {
    var now = clock.instant();
    if (!now.isBefore(next)) {
      try {
        var groups = client.getApiGroups().getGroups().stream().map(g -> g.getName()).toList();
        platform = Platform.of(groups);
        next = now.plus(TTL);
      } catch (KubernetesClientException e) {
        LOG.warnf("cannot detect the platform, assuming %s: %s", platform, e.getMessage());
        next = now.plus(RETRY_DELAY);
      }
    }
    return platform;
  }
}
