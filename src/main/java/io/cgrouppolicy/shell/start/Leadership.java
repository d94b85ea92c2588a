package io.cgrouppolicy.shell.start;

import io.cgrouppolicy.shell.cluster.SingleAttempt;
import io.cgrouppolicy.shell.settings.OperatorSettings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.UUID;
import org.jboss.logging.Logger;

/// Leader election among replicas. A leader that is stopped gives its lease back, so that the next
/// one starts at once; one that was killed is waited for.
@ApplicationScoped
public class Leadership {
  static final String LEASE = "cgroup-policy-operator";

  /// For each of the two requests that give the lease back.
  private static final Duration RELEASE = Duration.ofMillis(1500);

  private static final Logger LOG = Logger.getLogger(Leadership.class);

  private final KubernetesClient client;
  private final OperatorSettings settings;
  private final String identity;
  private volatile boolean leading;
  private volatile boolean stopping;

  Leadership(KubernetesClient client, OperatorSettings settings, MeterRegistry metrics) {
    this.client = client;
    this.settings = settings;
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
        false); // we end the process ourselves, except when it is ending already
  }

  private void started() {
    leading = true;
    LOG.infof("leading as %s", identity);
  }

  private void stopped() {
    if (!stopping && leading) {
      leading = false;
      LOG.error("the lease was lost; ending, so that no two replicas write");
      Quarkus.asyncExit(1);
    }
  }

  void stopping(@Observes @Priority(1) ShutdownEvent event) {
    stopping = true;
  }

  /// After the SDK has stopped its elector, which would otherwise take the lease again at once.
  /// Tried once: a process that is to end does not wait for an API server that is away.
  void release(@Observes @Priority(Integer.MAX_VALUE) ShutdownEvent event) {
    if (!leading) {
      return;
    }
    try {
      SingleAttempt.once(client, RELEASE)
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
