package io.cgrouppolicy.telemetry.endpoint;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cgrouppolicy.telemetry.endpoint.MetricsAccess.Refusal;
import io.cgrouppolicy.telemetry.endpoint.MetricsAccess.User;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class MetricsAccessTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static final User READER = new User("user", true);
  private static final User STRANGER = new User("user", false);

  private final List<String> asked = new ArrayList<>();
  private final Map<String, Boolean> answers = new HashMap<>();
  private final Queue<Runnable> later = new ArrayDeque<>();
  private Instant now = START;
  private final MetricsAccess access = access(this::review, later::add);

  private MetricsAccess access(Function<String, Optional<User>> reviews, Executor executor) {
    return new MetricsAccess(
        MetricsListener.PATH,
        reviews,
        Duration.ofMinutes(1),
        Duration.ofSeconds(10),
        () -> Duration.between(START, now).toNanos(),
        executor);
  }

  private Optional<User> review(String token) {
    asked.add(token);
    if (!answers.containsKey(token)) {
      return Optional.empty();
    }
    if (answers.get(token) == null) {
      throw new Refusal(503, "away");
    }
    return Optional.of(answers.get(token) ? READER : STRANGER);
  }

  private boolean ask(String key) {
    var answer = access.of(key);
    while (!later.isEmpty()) {
      later.remove().run();
    }
    assertThat(answer).isDone();
    return answer.join().filter(User::mayRead).isPresent();
  }

  @Test
  void theApiServersAnswerIsCached() {
    answers.put("good", true);
    assertThat(ask("good")).isTrue();
    answers.put("good", false);
    now = now.plusSeconds(59);
    assertThat(ask("good")).isTrue();
    assertThat(asked).hasSize(1);
    now = now.plusSeconds(1);
    assertThat(ask("good")).isFalse();
    answers.put("good", true);
    now = now.plusSeconds(9);
    assertThat(ask("good")).as("a refusal holds shorter").isFalse();
    now = now.plusSeconds(1);
    assertThat(ask("good")).isTrue();
    assertThat(ask("made up")).isFalse();
  }

  @Test
  void aFailureIsNotCachedAndGrantsNothing() {
    answers.put("good", null);
    assertThatThrownBy(() -> ask("good")).hasRootCauseInstanceOf(Refusal.class);
    answers.put("good", true);
    assertThat(ask("good")).isTrue();
  }

  @Test
  void aBugGrantsNothingAndBlocksNoOtherRequest() {
    var faulty =
        access(
            token -> {
              throw new IllegalStateException("a fault");
            },
            MetricsAccess.eightAtATime());
    for (int i = 0; i < 2 * MetricsAccess.AT_A_TIME; i++) {
      assertThatThrownBy(() -> faulty.of("any").join()).hasRootCauseMessage("a fault");
    }
  }

  @Test
  void concurrentRequestsWithOneTokenCostOneReview() {
    answers.put("good", true);
    var first = access.of("good");
    var second = access.of("good");
    assertThat(second.completeExceptionally(new IllegalStateException())).isTrue();
    assertThat(ask("good")).isTrue();
    assertThat(first.join()).as("the end of another's wait is not its end").contains(READER);
    assertThat(asked).hasSize(1);
  }

  @Test
  void manyTokensCannotOverloadTheApiServer() {
    var answered = new CountDownLatch(1);
    var busy = access(token -> awaited(answered), MetricsAccess.eightAtATime());
    var reviews = new ArrayList<CompletableFuture<Optional<User>>>();
    for (int i = 0; i < MetricsAccess.AT_A_TIME; i++) {
      reviews.add(busy.of("made up " + i));
    }
    assertThat(reviews).allSatisfy(review -> assertThat(review).isNotDone());
    assertThat(busy.of("one more"))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCause(MetricsAccess.BUSY);
    answered.countDown();
    assertThat(reviews).allSatisfy(review -> assertThat(review.join()).isEmpty());
    eventually(() -> assertThat(busy.of("one more").join()).as("there is room again").isEmpty());
  }

  private static Optional<User> awaited(CountDownLatch latch) {
    try {
      latch.await();
      return Optional.empty();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void manyDenialsDoNotEvictReaders() {
    answers.put("good", true);
    ask("good");
    for (int i = 0; i <= 2 * MetricsAccess.MOST; i++) {
      ask("made up " + i);
    }
    ask("good");
    assertThat(asked).containsOnlyOnce("good");
  }

  @Test
  void onlyPermittedClientsPass() {
    answers.put("good", true);
    answers.put("other", false);
    answers.put("away", null);
    assertThat(refusal("Bearer good")).isNull();
    assertThat(refusal("Bearer other"))
        .isEqualTo("403 user may not get the URL " + MetricsListener.PATH);
    assertThat(refusal("Bearer made-up")).startsWith("401");
    assertThat(refusal("Bearer away")).isEqualTo("503 away");
    assertThat(refusal("Basic good")).startsWith("401");
    assertThat(refusal("Bearer good", "Bearer good")).startsWith("401");
  }

  /// Null for none.
  private String refusal(String... headers) {
    var answer = access.refusal(List.of(headers));
    while (!later.isEmpty()) {
      later.remove().run();
    }
    var refusal = answer.join();
    return refusal == null ? null : refusal.code() + " " + refusal.getMessage();
  }

  @Test
  void aTokenIsReadFromOneHeaderOnly() {
    assertThat(MetricsAccess.token(List.of("Bearer abc"))).isEqualTo("abc");
    assertThat(MetricsAccess.token(List.of("bearer  abc "))).isEqualTo("abc");
    assertThat(MetricsAccess.token(List.of())).isNull();
    assertThat(MetricsAccess.token(List.of("Basic abc"))).isNull();
    assertThat(MetricsAccess.token(List.of("Bearer"))).isNull();
    assertThat(MetricsAccess.token(List.of("Bearer abc", "Bearer def"))).isNull();
  }
}
