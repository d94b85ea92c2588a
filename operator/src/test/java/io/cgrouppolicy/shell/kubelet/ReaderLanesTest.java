package io.cgrouppolicy.shell.kubelet;

import static io.cgrouppolicy.shell.kubelet.ReaderFixture.PATIENT;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.read;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.reason;
import static io.cgrouppolicy.shell.kubelet.ReaderFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.shell.kubelet.KubeletResponse.Body;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Requests for summaries and for configurations share a reader, and do not wait for each other.
class ReaderLanesTest {
  private static final String SUMMARY = "/stats/summary";

  private final ReaderFixture kubelets = new ReaderFixture();
  private int count;

  @AfterEach
  void close() {
    kubelets.close();
  }

  private SimulatedKubelet kubelet() {
    return kubelets.fleet.node("node-" + count++).start();
  }

  private KubeletReader withOnePlace(Duration timeout) {
    var options = kubelets.options(timeout);
    return kubelets.reader(
        new ReaderOptions(
            options.access(), options.caFile(), false, timeout, 1, options.maxBody()));
  }

  @Test
  void aLaneHasItsOwnLimit() throws Exception {
    var kubelet = kubelet().answer(SUMMARY, new byte[(1 << 20) + 1]);
    try (var reader = kubelets.reader(kubelets.options(PATIENT))) {
      assertThat(reason(reader.read(kubelet.node(), SUMMARY).get())).isEqualTo(Reason.TooLarge);
      var lane = reader.lane(1, 2 << 20);
      assertThat(((Body) lane.read(kubelet.node(), SUMMARY).get()).bytes()).hasSize((1 << 20) + 1);
    }
  }

  @Test
  void aHangInOneLaneDelaysNoOtherLane() throws Exception {
    try (var reader = withOnePlace(Duration.ofMinutes(5))) {
      var kubelet = kubelet().behave(SUMMARY, Behaviour.HANG_AFTER_REQUEST);
      var hanging = reader.lane(1, 1 << 20).read(kubelet.node(), SUMMARY);
      Fixture.eventually(() -> assertThat(kubelet.seen().requests(SUMMARY)).isEqualTo(1));
      assertThat(text(read(reader, kubelet))).contains("KubeletConfiguration");
      assertThat(hanging).isNotDone();
    }
  }

  @Test
  void aPeerThatIsSlowInOneLaneIsNotSlowInTheOther() throws Exception {
    try (var reader = withOnePlace(Duration.ofSeconds(2))) {
      var lane = reader.lane(1, 1 << 20);
      var slow = kubelet().behave(SUMMARY, Behaviour.HANG_AFTER_REQUEST);
      assertThat(reason(lane.read(slow.node(), SUMMARY).get())).isEqualTo(Reason.Timeout);
      // One that hangs for ever takes the only place for slow ones of the lane.
      var again = lane.read(slow.node(), SUMMARY);
      assertThat(text(read(reader, slow))).contains("KubeletConfiguration");
      assertThat(lane.read(kubelet().node(), SUMMARY).get()).isInstanceOf(Body.class);
      assertThat(reason(again.get())).isEqualTo(Reason.Timeout);
    }
  }

  /// So that no more answers are in memory than there are places.
  @Test
  void aPlaceIsKeptUntilTheAnswerWasUsed() throws Exception {
    try (var reader = withOnePlace(PATIENT)) {
      var mayEnd = new CountDownLatch(1);
      var kubelet = kubelet();
      var waits = kubelet();
      var using = new CountDownLatch(1);
      var used =
          reader
              .read(kubelet.node(), "/configz")
              .thenAccept(
                  answer -> {
                    using.countDown();
                    try {
                      mayEnd.await(60, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      assertThat(using.await(60, TimeUnit.SECONDS)).isTrue();
      var next = reader.read(waits.node(), "/configz");
      assertThat(text(reader.lane(1, 1 << 20).read(waits.node(), "/configz").get()))
          .as("the kubelet would answer")
          .contains("KubeletConfiguration");
      assertThat(next).isNotDone();
      assertThat(waits.seen().requests()).isEqualTo(1);
      mayEnd.countDown();
      used.get(60, TimeUnit.SECONDS);
      assertThat(text(next.get(60, TimeUnit.SECONDS))).contains("KubeletConfiguration");
    }
  }
}
