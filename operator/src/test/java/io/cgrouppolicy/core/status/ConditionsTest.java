package io.cgrouppolicy.core.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.status.Conditions.Status;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.987Z");

  private static Condition ready(List<Condition> previous, Status status, String reason) {
    var conditions = new Conditions(previous, 3, NOW.plusSeconds(60 * previous.size()));
    conditions.set("Ready", status, reason, "m");
    return conditions.list().getFirst();
  }

  @Test
  void theTransitionTimeMovesOnlyWhenTheStatusFlips() {
    var first = ready(List.of(), Status.True, "Audited");
    assertThat(first.getLastTransitionTime()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(first.getObservedGeneration()).isEqualTo(3);
    var otherReason = ready(List.of(first), Status.True, "Enforced");
    assertThat(otherReason.getLastTransitionTime()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(otherReason.getReason()).isEqualTo("Enforced");
    var flipped = ready(List.of(first), Status.False, "Forbidden");
    assertThat(flipped.getLastTransitionTime()).isEqualTo("2026-01-01T00:01:00Z");
  }

  @Test
  void aConditionOfAnotherTypeDoesNotCount() {
    var conditions = new Conditions(List.of(ready(List.of(), Status.True, "r")), 3, NOW);
    conditions.set("Compliant", Status.True, "r", "m");
    assertThat(conditions.list()).extracting(Condition::getType).containsExactly("Compliant");
  }

  @Test
  void aPolicyWithoutStatusHasNoPreviousOnes() {
    var conditions = new Conditions(null, 1, NOW);
    conditions.set("Ready", Status.Unknown, "Observing", "m");
    assertThat(conditions.list()).hasSize(1);
  }

  @Test
  void aLongMessageIsCutAtWhatTheApiAllows() {
    var conditions = new Conditions(null, 1, NOW);
    conditions.set("Ready", Status.False, "InvalidSpec", "x".repeat(1024));
    conditions.set("Stalled", Status.True, "InvalidSpec", "x".repeat(1025));
    assertThat(conditions.list().getFirst().getMessage()).isEqualTo("x".repeat(1024));
    assertThat(conditions.list().getLast().getMessage()).hasSize(1024).endsWith("x…");
  }

  @Test
  void falseBeatsUnknownBeatsTrue() {
    assertThat(Status.worst(List.of())).isEqualTo(Status.True);
    assertThat(Status.worst(List.of(Status.True, Status.True))).isEqualTo(Status.True);
    assertThat(Status.worst(List.of(Status.True, Status.Unknown))).isEqualTo(Status.Unknown);
    assertThat(Status.worst(List.of(Status.Unknown, Status.False))).isEqualTo(Status.False);
  }
}
