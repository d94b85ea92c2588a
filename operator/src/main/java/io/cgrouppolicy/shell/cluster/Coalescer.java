package io.cgrouppolicy.shell.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// Runs work by name on its own thread: soon after a name is first marked, then at most once per
/// pause for each name, however often it is marked.
public final class Coalescer {
  private static final Logger LOG = Logger.getLogger(Coalescer.class);
  private static final long RETRY_DELAY = Duration.ofSeconds(10).toNanos();

  private final long first;
  private final long soon;
  private final long pause;
  private final Consumer<String> work;
  private final ScheduledExecutorService thread;
  private final Set<String> scheduled = ConcurrentHashMap.newKeySet();
  private final Map<String, Long> lastRun = new ConcurrentHashMap<>();

  /// Why the last run for a name failed.
  private final Map<String, String> failures = new ConcurrentHashMap<>();

  /// For reviews: runs at once for a new name, 100 ms after later marks, at most once a second.
  public Coalescer(String name, Consumer<String> work) {
    this(name, Duration.ZERO, Duration.ofMillis(100), Duration.ofSeconds(1), work);
  }

  /// @param first the delay after the first mark of a name
  /// @param soon the delay after any later mark
  /// @param pause the minimum time between two runs for the same name
  public Coalescer(
      String name, Duration first, Duration soon, Duration pause, Consumer<String> work) {
    this.first = first.toNanos();
    this.soon = soon.toNanos();
    this.pause = pause.toNanos();
    this.work = work;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform()
                .name(name)
                .daemon()
                .inheritInheritableThreadLocals(false) // the log context of the first caller
                .factory());
  }

  /// Does not block.
  public void mark(String name) {
    var last = lastRun.get(name);
    mark(name, last == null ? first : Math.max(soon, last + pause - System.nanoTime()));
  }

  private void mark(String name, long delay) {
    if (scheduled.add(name)) {
      thread.schedule(() -> run(name), delay, TimeUnit.NANOSECONDS);
    }
  }

  /// Runs a task on the same thread after a delay.
  public void schedule(Duration delay, Runnable task) {
    thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void run(String name) {
    scheduled.remove(name); // before the work, which may miss what a mark from now on announces
    lastRun.put(name, System.nanoTime());
    try {
      work.accept(name);
      failures.remove(name);
    } catch (RuntimeException e) { // the executor would swallow it
      LOG.errorf(e, "work on %s failed; the next attempt is in 10 s", name);
      failures.put(name, e.toString());
      mark(name, RETRY_DELAY);
    }
  }

  public void forget(String name) {
    lastRun.remove(name);
    failures.remove(name);
  }

  public Map<String, String> failures() {
    return failures;
  }

  public void stop() {
    thread.shutdownNow();
  }
}
