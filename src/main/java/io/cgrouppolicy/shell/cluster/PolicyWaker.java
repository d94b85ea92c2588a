package io.cgrouppolicy.shell.cluster;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
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

  private final Source source = new Source();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("policy-waker").daemon().factory());
  private final Map<String, Long> scheduled = new ConcurrentHashMap<>();
  private final Map<String, Long> woken = new ConcurrentHashMap<>();

  /// Emits an event for each policy that is woken.
  public EventSource<Void, CgroupPolicy> source() {
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

  /// Drops what is kept of a deleted policy.
  public void forget(String policy) {
    woken.remove(policy);
  }

  private static final class Source extends AbstractEventSource<Void, CgroupPolicy> {
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
