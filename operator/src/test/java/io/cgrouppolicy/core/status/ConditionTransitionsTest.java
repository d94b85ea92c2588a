package io.cgrouppolicy.core.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionTransitionsTest {
  private static Condition condition(String type, String status, String reason) {
    return new ConditionBuilder().withType(type).withStatus(status).withReason(reason).build();
  }

  private static List<Condition> both(String ready, String reason, String compliant) {
    return List.of(
        condition("Ready", ready, reason),
        condition("NodesCompliant", compliant, "r"),
        condition("Compliant", compliant, "r"));
  }

  private static List<String> reported(
      ConditionTransitions transitions, List<Condition> conditions) {
    return transitions.next(conditions).stream()
        .map(c -> c.getType() + " " + c.getStatus())
        .toList();
  }

  @Test
  void aNewPolicysFirstVerdictIsNews() {
    var transitions = new ConditionTransitions(null);
    assertThat(reported(transitions, both("Unknown", "Observing", "Unknown"))).isEmpty();
    assertThat(reported(transitions, both("True", "Enforced", "True")))
        .containsExactly("Ready True", "Compliant True");
    assertThat(reported(transitions, both("True", "Enforced", "True"))).isEmpty();
  }

  @Test
  void whatWasSoAtTheStartIsNoNews() {
    var transitions = new ConditionTransitions(both("True", "Enforced", "False"));
    assertThat(reported(transitions, both("True", "Enforced", "False"))).isEmpty();
    assertThat(reported(transitions, both("True", "Enforced", "True")))
        .containsExactly("Compliant True");
  }

  @Test
  void unknownBetweenTwoEqualStatesIsNoNews() {
    var transitions = new ConditionTransitions(both("True", "Enforced", "True"));
    assertThat(reported(transitions, both("Unknown", "Observing", "Unknown"))).isEmpty();
    assertThat(reported(transitions, both("True", "Enforced", "True"))).isEmpty();
    assertThat(reported(transitions, both("Unknown", "Observing", "Unknown"))).isEmpty();
    assertThat(reported(transitions, both("True", "Enforced", "False")))
        .containsExactly("Compliant False");
  }

  @Test
  void anotherReasonIsNoNewsExceptInvalidSpec() {
    var transitions = new ConditionTransitions(both("False", "Forbidden", "True"));
    assertThat(reported(transitions, both("False", "Rejected", "True"))).isEmpty();
    assertThat(reported(transitions, both("False", "InvalidSpec", "Unknown")))
        .containsExactly("Ready False");
    assertThat(reported(transitions, both("False", "InvalidSpec", "Unknown"))).isEmpty();
    assertThat(reported(transitions, both("True", "Enforced", "True")))
        .containsExactly("Ready True");
  }
}
