package io.cgrouppolicy.core.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportedConditionsTest {
  private ReportedConditions known;

  private static Condition condition(String type, String status, String reason) {
    return new ConditionBuilder().withType(type).withStatus(status).withReason(reason).build();
  }

  private static List<Condition> both(String ready, String reason, String compliant) {
    return List.of(
        condition("Ready", ready, reason),
        condition("NodesCompliant", compliant, "r"),
        condition("Compliant", compliant, "r"));
  }

  private List<String> reported(List<Condition> conditions) {
    var news = known.news(conditions);
    known = known.with(conditions);
    return news.stream().map(c -> c.getType() + " " + c.getStatus()).toList();
  }

  @Test
  void aNewPolicysFirstVerdictIsNews() {
    known = ReportedConditions.of(null);
    assertThat(reported(both("Unknown", "Observing", "Unknown"))).isEmpty();
    assertThat(reported(both("True", "Enforced", "True")))
        .containsExactly("Ready True", "Compliant True");
    assertThat(reported(both("True", "Enforced", "True"))).isEmpty();
  }

  @Test
  void whatWasSoAtTheStartIsNoNews() {
    known = ReportedConditions.of(both("True", "Enforced", "False"));
    assertThat(reported(both("True", "Enforced", "False"))).isEmpty();
    assertThat(reported(both("True", "Enforced", "True"))).containsExactly("Compliant True");
  }

  @Test
  void unknownBetweenTwoEqualStatesIsNoNews() {
    known = ReportedConditions.of(both("True", "Enforced", "True"));
    assertThat(reported(both("Unknown", "Observing", "Unknown"))).isEmpty();
    assertThat(reported(both("True", "Enforced", "True"))).isEmpty();
    assertThat(reported(both("Unknown", "Observing", "Unknown"))).isEmpty();
    assertThat(reported(both("True", "Enforced", "False"))).containsExactly("Compliant False");
  }

  @Test
  void anotherReasonIsNoNewsExceptInvalidSpec() {
    known = ReportedConditions.of(both("False", "Forbidden", "True"));
    assertThat(reported(both("False", "Rejected", "True"))).isEmpty();
    assertThat(reported(both("False", "InvalidSpec", "Unknown"))).containsExactly("Ready False");
    assertThat(reported(both("False", "InvalidSpec", "Unknown"))).isEmpty();
    assertThat(reported(both("True", "Enforced", "True"))).containsExactly("Ready True");
  }
}
