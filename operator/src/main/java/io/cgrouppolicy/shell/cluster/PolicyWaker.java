package io.cgrouppolicy.shell.cluster;

import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/// Triggers the reconciliation of a policy when its verdicts change: 50 ms after the first change,
/// then at most twice a second, however many namespaces change.
@ApplicationScoped
public class PolicyWaker {
  private static final Duration SOON = Duration.ofMillis(50);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Coalescer coalescer =
      new Coalescer("policy-waker", SOON, SOON, PAUSE, policy -> this.wake.accept(policy));
  private final ClusterCache cluster;
  private volatile Consumer<String> wake = policy -> {};

  PolicyWaker(ClusterCache cluster) {
    this.cluster = cluster;
  }

  /// @param wake receives the names of the policies to reconcile
  public void onWake(Consumer<String> wake) {
    this.wake = wake;
  }

  /// Does not block.
  public void wake(String policy) {
    coalescer.mark(policy);
  }

  /// Wakes all policies, because the view of the cluster changed.
  public void wakeAll() {
    cluster.book().policies().forEach(policy -> wake(policy.name()));
  }

  /// Wakes the policies whose verdict changed.
  public <V> void wakeChanged(Map<String, V> before, Map<String, V> after) {
    after.forEach(
        (policy, verdict) -> {
          if (!verdict.equals(before.get(policy))) {
            wake(policy);
          }
        });
    before.keySet().stream().filter(policy -> !after.containsKey(policy)).forEach(this::wake);
  }

  /// Drops the state of a deleted policy.
  public void forget(String policy) {
    coalescer.forget(policy);
  }

  void stop(@Observes ShutdownEvent event) {
    coalescer.stop();
  }
}
