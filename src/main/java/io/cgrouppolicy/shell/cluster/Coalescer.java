package io.cgrouppolicy.shell.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// Does work by name, on a thread of its own: soon after a name is first marked, and then at most
/// once per pause for each name, however often it is marked.
public final class Coalescer {
  private static final Logger LOG = Logger.getLogger(Coalescer.class);
  private static final long AFTER_FAILURE = Duration.ofSeconds(10).toNanos();

  private final long first;
  private final long soon;
  private final long pause;
  private final Consumer<String> work;
  private final ScheduledExecutorService thread;
  private final Map<String, Long> scheduled = new ConcurrentHashMap<>();
  private final Map<String, Long> done = new ConcurrentHashMap<>();

  /// Why the work on a name failed when it was last done, by name.
  private final Map<String, String> failures = new ConcurrentHashMap<>();

  /// For reviews: at once for a new name, 100 ms after a mark, at most once a second.
  public Coalescer(String name, Consumer<String> work) {
    this(name, Duration.ZERO, Duration.ofMillis(100), Duration.ofSeconds(1), work);
  }

  /// @param first from the first mark of a name to its work
  /// @param soon from any later mark
  /// @param pause from one work on a name to the next, at least
  Coalescer(String name, Duration first, Duration soon, Duration pause, Consumer<String> work) {
    this.first = first.toNanos();
    this.soon = soon.toNanos();
    this.pause = pause.toNanos();
    this.work = work;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name(name).daemon().factory());
  }

  /// Does not block.
  public void mark(String name) {
    var last = done.get(name);
    mark(name, last == null ? first : Math.max(soon, last + pause - System.nanoTime()));
  }

  private void mark(String name, long delay) {
    scheduled.computeIfAbsent(
        name,
        n -> {
          thread.schedule(() -> run(n), delay, TimeUnit.NANOSECONDS);
          return delay;
        });
  }

  /// Runs something else on the same thread, later.
  public void later(Duration delay, Runnable task) {
    thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void run(String name) {
    scheduled.remove(name); // before the work: a mark from now on may not be seen by it
    done.put(name, System.nanoTime());
    try {
      work.accept(name);
      failures.remove(name);
    } catch (RuntimeException e) { // which the executor would keep to itself
      LOG.errorf(e, "judging %s", name);
      failures.put(name, e.toString());
      mark(name, AFTER_FAILURE);
    }
  }

  public void forget(String name) {
    done.remove(name);
    failures.remove(name);
  }

  public Map<String, String> failures() {
    return failures;
  }

  public void stop() {
    thread.shutdownNow();
  }
}
