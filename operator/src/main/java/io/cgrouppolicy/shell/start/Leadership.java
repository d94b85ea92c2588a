package io.cgrouppolicy.shell.start;

import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.SingleAttempt;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.cgrouppolicy.shell.write.LeaseFence;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.UUID;
import org.jboss.logging.Logger;

/// Leader election among replicas. A leader that stops releases its lease, so that the next one
/// starts at once. After a leader was killed, the others wait until its lease expires.
@ApplicationScoped
public class Leadership {
  static final String LEASE = "cgroup-policy-operator";

  /// Timeout for each of the two requests that release the lease.
  private static final Duration RELEASE_TIMEOUT = Duration.ofMillis(1500);

  private static final Logger LOG = Logger.getLogger(Leadership.class);

  private final KubernetesClient client;
  private final OperatorSettings settings;
  private final LeaseFence fence;
  private final ClusterCache cluster;
  private final String identity;
  private volatile boolean acquired;
  private volatile boolean leading;
  private volatile boolean stopping;

  Leadership(
      KubernetesClient client,
      OperatorSettings settings,
      LeaseFence fence,
      ClusterCache cluster,
      MeterRegistry metrics) {
    this.client = client;
    this.settings = settings;
    this.fence = fence;
    this.cluster = cluster;
    var host = System.getenv("HOSTNAME");
    this.identity = (host == null ? "operator" : host) + "_" + UUID.randomUUID();
    Gauge.builder("cgroup_policy_leader", this, self -> self.leading ? 1 : 0)
        .description("1 on the replica that works; the others have warm caches and wait")
        .strongReference(true)
        .register(metrics);
  }

  @Produces
  @Singleton
  @Unremovable
  LeaderElectionConfiguration configuration() {
    var election = settings.leaderElection();
    return new LeaderElectionConfiguration(
        LEASE,
        settings.namespace(),
        election.leaseDuration(),
        election.renewDeadline(),
        election.retryPeriod(),
        identity,
        new LeaderCallbacks(this::started, this::stopped, leader -> {}),
        false); // we exit ourselves, unless the process is already stopping
  }

  /// The SDK starts to reconcile when this returns.
  private void started() {
    acquired = true; // a stop releases the lease even if this takes long
    try {
      cluster.readPolicies();
    } catch (KubernetesClientException e) {
      LOG.warnf("leading with the policies that the watch has shown so far: %s", e.getMessage());
    }
    leading = true;
    LOG.infof("leading as %s", identity);
  }

  /// Whether this replica reconciles.
  public boolean leads() {
    return leading || !settings.leaderElection().enabled();
  }

  private void stopped() {
    if (!stopping && leading) {
      leading = false;
      fence.end("the lease was lost");
    }
  }

  void stopping(@Observes @Priority(1) ShutdownEvent event) {
    stopping = true;
  }

  /// Releases the lease. Runs after the SDK has stopped its elector, which would otherwise acquire
  /// the lease again at once. Tries once: a process that stops must not wait for an unavailable API
  /// server.
  void release(@Observes @Priority(Integer.MAX_VALUE) ShutdownEvent event) {
    if (!acquired) {
      return;
    }
    try {
      SingleAttempt.once(client, RELEASE_TIMEOUT)
          .leases()
          .inNamespace(settings.namespace())
          .withName(LEASE)
          .edit(
              lease -> {
                if (identity.equals(lease.getSpec().getHolderIdentity())) {
                  lease.getSpec().setHolderIdentity("");
                }
                return lease;
              });
    } catch (KubernetesClientException e) {
      LOG.warnf("the lease could not be given back: %s", e.getMessage());
    }
  }
}
