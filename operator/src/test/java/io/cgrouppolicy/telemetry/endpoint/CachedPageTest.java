package io.cgrouppolicy.telemetry.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CachedPageTest {
  private final AtomicInteger written = new AtomicInteger();
  private final Queue<Runnable> later = new ArrayDeque<>();

  private String next() {
    return "page " + written.incrementAndGet();
  }

  private static String text(CachedPage page) {
    return page.get().orElseThrow().toString();
  }

  @Test
  void isWrittenAgainOnlyWhenItIsTooOld() {
    var page = new CachedPage(() -> Optional.of(next()), later::add);
    assertThat(text(page)).isEqualTo("page 1");
    assertThat(text(page)).isEqualTo("page 1");
    later.remove().run();
    assertThat(text(page)).isEqualTo("page 2");
    assertThat(later).hasSize(1);
  }

  @Test
  void oneThreadWritesItForAll() throws Exception {
    var begun = new CountDownLatch(1);
    var permitted = new CountDownLatch(1);
    var page =
        new CachedPage(
            () -> {
              begun.countDown();
              await(permitted);
              return Optional.of(next());
            },
            later::add);
    var readers = new ArrayList<CompletableFuture<String>>();
    for (int i = 0; i < 20; i++) {
      var reader = new CompletableFuture<String>();
      Thread.startVirtualThread(() -> reader.complete(text(page)));
      readers.add(reader);
    }
    await(begun);
    permitted.countDown();
    for (var reader : readers) {
      assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo("page 1");
    }
    assertThat(written).hasValue(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void neitherFailuresNorAbsenceAreKept() {
    var answers = new ArrayDeque<Optional<String>>();
    answers.add(Optional.empty());
    var page = new CachedPage(answers::remove, later::add);
    assertThat(page.get()).isEmpty();
    assertThatThrownBy(page::get).isInstanceOf(RuntimeException.class);
    answers.add(Optional.of("there"));
    assertThat(text(page)).isEqualTo("there");
  }
}
