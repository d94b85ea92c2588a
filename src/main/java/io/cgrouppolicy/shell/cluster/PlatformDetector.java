package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.core.kubelet.Platform;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/// Finds out from the cluster's API groups what kind of platform it is. Asked anew from time to
/// time, as the answer can fail, and CRDs can come later.
@ApplicationScoped
public class PlatformDetector {
  private static final Logger LOG = Logger.getLogger(PlatformDetector.class);
  private static final Duration TRUSTED = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

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
        next = now.plus(TRUSTED);
      } catch (KubernetesClientException e) {
        LOG.warnf("the platform is taken to be %s: %s", platform, e.getMessage());
        next = now.plus(PATIENCE);
      }
    }
    return platform;
  }
}
