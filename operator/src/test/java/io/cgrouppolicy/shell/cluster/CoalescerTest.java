package io.cgrouppolicy.shell.cluster;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Many marks cause one run, and no mark is lost.
class CoalescerTest {
  private final List<String> done = new CopyOnWriteArrayList<>();
  private Coalescer coalescer;

  @AfterEach
  void stop() {
    coalescer.stop();
  }

  @Test
  void runsOnceForManyMarks() {
    var release = new CountDownLatch(1);
    coalescer =
        new Coalescer(
            "test",
            name -> {
              await(release);
              done.add(name);
            });
    coalescer.mark("first"); // holds the thread while the others are marked
    for (int i = 0; i < 1000; i++) {
      coalescer.mark("a");
      coalescer.mark("b");
    }
    release.countDown();
    eventually(() -> assertThat(done).containsExactly("first", "a", "b"));
  }

  @Test
  void aMarkDuringTheWorkCausesOneDelayedRun() {
    var starts = new CopyOnWriteArrayList<Long>();
    coalescer =
        new Coalescer(
            "test",
            name -> {
              starts.add(System.nanoTime());
              if (starts.size() == 1) {
                coalescer.mark(name);
                coalescer.mark(name);
              }
            });
    coalescer.mark("a");
    eventually(() -> assertThat(starts).hasSize(2));
    assertThat(Duration.ofNanos(starts.get(1) - starts.get(0)))
        .isGreaterThanOrEqualTo(Duration.ofMillis(990));
  }

  @Test
  void failedWorkIsRetriedReportedAndDelaysNoOtherName() {
    var fail = new AtomicInteger(1);
    coalescer =
        new Coalescer(
            "test",
            name -> {
              if (name.equals("bad") && fail.get() > 0) {
                throw new IllegalStateException("on purpose");
              }
              done.add(name);
            });
    coalescer.mark("bad");
    coalescer.mark("good");
    eventually(() -> assertThat(done).containsExactly("good"));
    assertThat(coalescer.failures()).containsOnlyKeys("bad");
    fail.set(0);
    eventually(() -> assertThat(done).containsExactly("good", "bad")); // retried without a mark
    eventually(() -> assertThat(coalescer.failures()).isEmpty());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
