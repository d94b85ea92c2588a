package io.cgrouppolicy.core.failedcreate;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.failedcreate.FailedCreateLog.Entry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FailedCreateLogTest {
  private static final Instant START = Instant.parse("2026-06-01T12:00:00Z");
  private final FailedCreateLog ledger = new FailedCreateLog();

  private static Entry entry(String uid, String event, int second, String reason) {
    return new Entry(
        "a",
        "ReplicaSet",
        "app",
        uid,
        START.plusSeconds(second),
        new FailedCreate(reason, "q", Map.of(), List.of(), "pods"),
        event);
  }

  @Test
  void theNewestOfAControllerCounts() {
    assertThat(ledger.put(entry("u", "e1", 10, "one"))).isTrue();
    assertThat(ledger.put(entry("u", "e2", 20, "one"))).as("a repetition").isFalse();
    assertThat(ledger.put(entry("u", "e3", 5, "old"))).as("an older one").isFalse();
    assertThat(ledger.of("a")).containsExactly(entry("u", "e2", 20, "one"));
    assertThat(ledger.put(entry("u", "e4", 30, "other"))).isTrue();
    assertThat(ledger.put(entry("v", "e5", 1, "one"))).isTrue();
    assertThat(ledger.of("a")).hasSize(2);
    assertThat(ledger.of("b")).isEmpty();
  }

  @Test
  void theEndOfAnEventEndsItsRejection() {
    ledger.put(entry("u", "e1", 10, "one"));
    ledger.put(entry("u", "e2", 20, "one"));
    assertThat(ledger.remove("a", "e1")).as("a newer event replaced it").isFalse();
    assertThat(ledger.remove("b", "e2")).isFalse();
    assertThat(ledger.remove("a", "e2")).isTrue();
    assertThat(ledger.of("a")).isEmpty();
    assertThat(ledger.size()).isZero();
  }

  @Test
  void aRejectionThatIsNotRepeatedIsOver() {
    ledger.put(entry("u", "e1", 0, "one"));
    ledger.put(entry("v", "e2", 60, "one"));
    assertThat(ledger.expire(START.plus(FailedCreateLog.LIFE))).isEmpty();
    assertThat(ledger.expire(START.plus(FailedCreateLog.LIFE).plusSeconds(1))).containsExactly("a");
    assertThat(ledger.of("a")).extracting(Entry::uid).containsExactly("v");
  }

  @Test
  void itIsBounded() {
    for (int i = 0; i < FailedCreateLog.MAX_ENTRIES + 100; i++) {
      ledger.put(entry("u" + i, "e" + i, 0, "one"));
    }
    assertThat(ledger.size()).isEqualTo(FailedCreateLog.MAX_ENTRIES);
    assertThat(ledger.put(entry("u0", "e", 1, "other"))).as("who is known is kept").isTrue();
    ledger.remove("a", "e1");
    assertThat(ledger.put(entry("new", "e", 1, "one"))).as("there is room again").isTrue();
  }
}
