package io.cgrouppolicy.shell.start;

import io.cgrouppolicy.shell.cluster.ClusterCache;
import io.cgrouppolicy.shell.cluster.NodeCache;
import io.cgrouppolicy.shell.cluster.SingleAttempt;
import io.cgrouppolicy.telemetry.StartView;
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

/// Starts the operator as soon as the API server answers, and stops it.
///
/// On a thread aside: Quarkus heeds a SIGTERM when all was started, and without an API server the
/// SDK waits for first lists and for its permissions on the lease for longer than the kubelet waits
/// for the end of a process. What has not started yet holds no lease and has written nothing.
@ApplicationScoped
class OperatorStart implements StartView {
  private static final Logger LOG = Logger.getLogger(OperatorStart.class);
  private static final int SECONDS_BETWEEN = 1;

  /// So many failures are told in one line.
  private static final int SILENCE = 30;

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

  /// After all else has been started.
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
        LOG.error("the operator could not be started; ending, so that it is started anew", e);
        Quarkus.asyncExit(1);
      }
    }
  }

  /// Waits for it, as the SDK tries its permissions on the lease for half a minute and then gives
  /// up for good.
  ///
  /// @return false when the process stops first
  private boolean serverAnswers() throws InterruptedException {
    int failures = 0;
    do {
      try {
        client.getKubernetesVersion(); // which everybody may read
        return true;
      } catch (KubernetesClientException e) {
        if (SingleAttempt.answered(e)) {
          return true; // what it refuses is told by the watches
        }
        if (failures++ % SILENCE == 0 && !stopping()) {
          var why = e.getCause() == null ? e : e.getCause(); // which says more
          LOG.warnf("waiting for the API server: %s", why.getMessage());
        }
      }
    } while (!stopping.await(SECONDS_BETWEEN, TimeUnit.SECONDS));
    return false;
  }

  private boolean stopping() {
    return stopping.getCount() == 0;
  }

  @Override
  public boolean started() {
    return started;
  }

  /// The SDK can be stopped when it has started; before, what tells the log of failures is.
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
