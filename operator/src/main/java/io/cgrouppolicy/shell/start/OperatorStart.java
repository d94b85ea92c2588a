package io.cgrouppolicy.shell.start;

import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.SingleAttempt;
import io.cgrouppolicy.telemetry.Probes.StartView;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Starts the operator once the API server responds, and stops it.
///
/// Runs on its own thread because Quarkus handles SIGTERM only after startup. Without an API server
/// the SDK waits for first lists and for its permissions on the lease longer than the kubelet's
/// grace period. An operator that has not started holds no lease and has written nothing.
@ApplicationScoped
class OperatorStart implements StartView {
  private static final Logger LOG = Logger.getLogger(OperatorStart.class);
  private static final int RETRY_SECONDS = 1;

  /// Logs one in this many failures.
  private static final int LOG_EVERY = 30;

  private final KubernetesClient client;
  private final Operator operator;
  private final ClusterCache cluster;
  private final NodeCache nodes;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private volatile boolean started;

  OperatorStart(KubernetesClient client, Operator operator, ClusterCache cluster, NodeCache nodes) {
    this.client = SingleAttempt.once(client);
    this.operator = operator;
    this.cluster = cluster;
    this.nodes = nodes;
  }

  /// Runs after all other startup observers.
  void start(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) StartupEvent event) {
    Thread.ofPlatform().name("operator-start").daemon().start(this::run);
  }

  private void run() {
    try {
      if (serverAnswers()) {
        operator.start();
        started = true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      if (!stopping()) {
        LOG.error("the operator could not be started; exiting so that the kubelet restarts it", e);
        Quarkus.asyncExit(1);
      }
    }
  }

  /// Waits until the API server responds. The SDK would check its permissions on the lease for half
  /// a minute and then give up for good.
  ///
  /// @return false if the process stops first
  private boolean serverAnswers() throws InterruptedException {
    int failures = 0;
    do {
      try {
        client.getKubernetesVersion(); // readable without any permission
        return true;
      } catch (KubernetesClientException e) {
        if (SingleAttempt.answered(e)) {
          return true; // the watches report denied requests
        }
        if (failures++ % LOG_EVERY == 0 && !stopping()) {
          var why = e.getCause() == null ? e : e.getCause(); // has the more specific message
          LOG.warnf("waiting for the API server: %s", why.getMessage());
        }
      }
    } while (!stopping.await(RETRY_SECONDS, TimeUnit.SECONDS));
    return false;
  }

  private boolean stopping() {
    return stopping.getCount() == 0;
  }

  @Override
  public boolean started() {
    return started;
  }

  /// The SDK cannot be stopped before it has started. In that case, stops the caches, which would
  /// otherwise keep logging failures.
  void stop(@Observes ShutdownEvent event) {
    stopping.countDown();
    if (started) {
      operator.stop();
    } else {
      cluster.stop();
      nodes.stop();
    }
  }
}
