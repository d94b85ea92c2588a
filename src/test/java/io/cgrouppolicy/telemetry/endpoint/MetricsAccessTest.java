package io.cgrouppolicy.telemetry.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.telemetry.endpoint.MetricsAccess.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class MetricsAccessTest {
  private static final Answer FORBIDDEN = new Answer(403, "no");
  private static final Answer AWAY = new Answer(503, "away");

  private final List<String> asked = new ArrayList<>();
  private final Map<String, Answer> answers = new HashMap<>();
  private final Queue<Runnable> later = new ArrayDeque<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final MetricsAccess access =
      new MetricsAccess(
          token -> {
            asked.add(token);
            return answers.getOrDefault(token, Answer.UNAUTHENTICATED);
          },
          Duration.ofMinutes(1),
          Duration.ofSeconds(10),
          () -> now,
          later::add);

  private Answer ask(String token) {
    var answer = access.of(token);
    while (!later.isEmpty()) {
      later.remove().run();
    }
    assertThat(answer).isDone();
    return answer.join();
  }

  @Test
  void whatTheApiServerSaysHoldsForAWhile() {
    answers.put("good", Answer.ALLOWED);
    assertThat(ask("good")).isEqualTo(Answer.ALLOWED);
    answers.put("good", FORBIDDEN);
    now = now.plusSeconds(59);
    assertThat(ask("good")).isEqualTo(Answer.ALLOWED);
    assertThat(asked).hasSize(1);
    now = now.plusSeconds(1);
    assertThat(ask("good")).isEqualTo(FORBIDDEN);
    answers.put("good", Answer.ALLOWED);
    now = now.plusSeconds(9);
    assertThat(ask("good")).as("a refusal holds shorter").isEqualTo(FORBIDDEN);
    now = now.plusSeconds(1);
    assertThat(ask("good")).isEqualTo(Answer.ALLOWED);
    assertThat(ask("made up")).isEqualTo(Answer.UNAUTHENTICATED);
  }

  @Test
  void noAnswerIsNotKeptAndOpensNothing() {
    answers.put("good", AWAY);
    assertThat(ask("good")).isEqualTo(AWAY);
    answers.put("good", Answer.ALLOWED);
    assertThat(ask("good")).isEqualTo(Answer.ALLOWED);
  }

  @Test
  void aFaultOpensNothingAndBlocksNobody() {
    var faulty =
        new MetricsAccess(
            token -> {
              throw new IllegalStateException("a fault");
            },
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            () -> now,
            Runnable::run);
    for (int i = 0; i < 2 * MetricsAccess.AT_A_TIME; i++) {
      assertThat(faulty.of("any").join().code()).isEqualTo(500);
    }
  }

  @Test
  void severalWhoAskOfOneTokenCostOneReview() {
    answers.put("good", Answer.ALLOWED);
    var first = access.of("good");
    var second = access.of("good");
    assertThat(second.completeExceptionally(new IllegalStateException())).isTrue();
    assertThat(ask("good")).isEqualTo(Answer.ALLOWED);
    assertThat(first.join())
        .as("the end of another's wait is not its end")
        .isEqualTo(Answer.ALLOWED);
    assertThat(asked).hasSize(1);
  }

  @Test
  void whoeverSendsManyTokensCannotLoadTheApiServer() {
    for (int i = 0; i < MetricsAccess.AT_A_TIME; i++) {
      assertThat(access.of("made up " + i)).isNotDone();
    }
    assertThat(access.of("one more").join()).isEqualTo(Answer.BUSY);
    assertThat(ask("made up 0")).isEqualTo(Answer.UNAUTHENTICATED);
    assertThat(ask("one more")).as("there is room again").isEqualTo(Answer.UNAUTHENTICATED);
    assertThat(asked).hasSize(MetricsAccess.AT_A_TIME + 1);
  }

  @Test
  void manyRefusalsDoNotPushOutWhoMayRead() {
    answers.put("good", Answer.ALLOWED);
    ask("good");
    for (int i = 0; i <= MetricsAccess.MOST; i++) {
      ask("made up " + i);
    }
    ask("good");
    assertThat(asked).containsOnlyOnce("good");
  }

  @Test
  void aTokenIsReadFromOneHeaderOnly() {
    assertThat(MetricsEndpoint.bearerToken(List.of("Bearer abc"))).isEqualTo("abc");
    assertThat(MetricsEndpoint.bearerToken(List.of("bearer  abc "))).isEqualTo("abc");
    assertThat(MetricsEndpoint.bearerToken(List.of())).isNull();
    assertThat(MetricsEndpoint.bearerToken(List.of("Basic abc"))).isNull();
    assertThat(MetricsEndpoint.bearerToken(List.of("Bearer"))).isNull();
    assertThat(MetricsEndpoint.bearerToken(List.of("Bearer abc", "Bearer def"))).isNull();
  }
}
