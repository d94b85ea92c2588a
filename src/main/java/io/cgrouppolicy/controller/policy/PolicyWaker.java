package io.cgrouppolicy.controller.policy;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.policy.CompiledPolicy;
import io.cgrouppolicy.telemetry.PolicyAnnouncer;
import io.cgrouppolicy.telemetry.PolicyMetrics;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Wakes a policy when verdicts of it change: soon for the first change, then at most twice a
/// second, however many namespaces change.
@ApplicationScoped
public class PolicyWaker {
  private static final long SOON = Duration.ofMillis(50).toNanos();
  private static final long PAUSE = Duration.ofMillis(500).toNanos();

  private static final int GONE = 1000;

  private final Source source = new Source();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("policy-waker").daemon().factory());
  private final Map<String, Long> scheduled = new ConcurrentHashMap<>();
  private final Map<String, Long> woken = new ConcurrentHashMap<>();

  /// Uids of the policies that were deleted last. The SDK's cache may show one a little longer.
  private final Set<String> gone =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > GONE;
            }
          });

  private final PolicyMetrics metrics;
  private final PolicyAnnouncer announcer;
  private final RemedyPublisher remedies;

  PolicyWaker(PolicyMetrics metrics, PolicyAnnouncer announcer, RemedyPublisher remedies) {
    this.metrics = metrics;
    this.announcer = announcer;
    this.remedies = remedies;
  }

  Source source() {
    return source;
  }

  /// Does not block.
  public void wake(String policy) {
    scheduled.computeIfAbsent(
        policy,
        name -> {
          long now = System.nanoTime();
          long last = woken.getOrDefault(name, now - PAUSE);
          long delay = Math.max(SOON, last + PAUSE - now);
          timer.schedule(() -> fire(name), delay, TimeUnit.NANOSECONDS);
          return now + delay;
        });
  }

  private void fire(String policy) {
    woken.put(policy, System.nanoTime());
    scheduled.remove(policy);
    source.fire(policy);
  }

  /// Forgets a policy that was deleted; who judges it at this moment must forget it once more.
  public void policyGone(CompiledPolicy policy) {
    synchronized (gone) {
      gone.add(policy.uid());
    }
    forget(policy.name());
  }

  boolean isGone(String uid) {
    synchronized (gone) {
      return gone.contains(uid);
    }
  }

  void forget(String policy) {
    woken.remove(policy);
    metrics.forget(policy);
    announcer.forget(policy);
    remedies.forget(policy);
  }

  static final class Source extends AbstractEventSource<Void, CgroupPolicy> {
    Source() {
      super(Void.class, "compliance-index");
    }

    void fire(String policy) {
      if (isRunning()) {
        getEventHandler().handleEvent(new Event(new ResourceID(policy)));
      }
    }

    @Override
    public Set<Void> getSecondaryResources(CgroupPolicy primary) {
      return Set.of();
    }
  }
}
