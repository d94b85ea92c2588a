package io.cgrouppolicy.telemetry;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Trouble;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;

class ProbesTest {
  private boolean started = true;
  private Trouble trouble;
  private List<String> ended = List.of();
  private final Probes probes = new Probes(() -> started, () -> trouble, () -> ended);

  private HealthCheckResponse ready() {
    return probes.ready().call();
  }

  private HealthCheckResponse live() {
    return probes.live().call();
  }

  @Test
  void isUpIfAllIsWell() {
    assertThat(probes.started().call().getStatus()).isEqualTo(Status.UP);
    assertThat(ready().getStatus()).isEqualTo(Status.UP);
    assertThat(live().getStatus()).isEqualTo(Status.UP);
  }

  @Test
  void isLiveButNotReadyWhileItStarts() {
    started = false;
    ended = List.of("limitranges");
    assertThat(probes.started().call().getStatus()).isEqualTo(Status.DOWN);
    assertThat(ready().getStatus()).isEqualTo(Status.DOWN);
    assertThat(live().getStatus()).isEqualTo(Status.UP);
  }

  @Test
  void aMissingPermissionIsReportedAndDoesNotCount() {
    trouble = new Trouble("Forbidden", "limitranges: cannot list");
    assertThat(ready().getStatus()).isEqualTo(Status.UP);
    assertThat(ready().getData().orElseThrow()).containsEntry("Forbidden", trouble.message());
  }

  @Test
  void isNotReadyWithoutHavingSeenTheCluster() {
    trouble = new Trouble("CacheNotSynced", "limitranges are not listed yet");
    assertThat(ready().getStatus()).isEqualTo(Status.DOWN);
    assertThat(live().getStatus()).as("a restart would not help").isEqualTo(Status.UP);
  }

  @Test
  void isNotLiveWithoutAWatch() {
    ended = List.of("limitranges", "resourcequotas");
    assertThat(live().getStatus()).isEqualTo(Status.DOWN);
    assertThat(live().getData().orElseThrow())
        .containsEntry("endedWatches", "limitranges, resourcequotas");
  }

  @Test
  void isNotLiveWithADeadlock() throws InterruptedException {
    var one = new ReentrantLock();
    var other = new ReentrantLock();
    var both = new CountDownLatch(2);
    var first = deadlocks(one, other, both);
    var second = deadlocks(other, one, both);
    try {
      eventually(() -> assertThat(live().getStatus()).isEqualTo(Status.DOWN));
      assertThat(live().getData().orElseThrow()).containsEntry("deadlockedThreads", 2L);
    } finally {
      first.interrupt();
      second.interrupt();
      first.join();
      second.join();
    }
    assertThat(live().getStatus()).isEqualTo(Status.UP);
  }

  private static Thread deadlocks(ReentrantLock mine, ReentrantLock theirs, CountDownLatch both) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              mine.lock();
              try {
                both.countDown();
                both.await();
                theirs.lockInterruptibly();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                mine.unlock();
              }
            });
  }
}
