package io.cgrouppolicy.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelsTest {
  private static final Map<String, String> LABELS = Map.of("tier", "prod", "empty", "");

  private static LabelSelector selector(String yaml) {
    return Serialization.unmarshal("---\n" + yaml, LabelSelector.class); // otherwise parsed as JSON
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | true",
        "{matchLabels: {tier: prod}} | true",
        "{matchLabels: {tier: test}} | false",
        "{matchLabels: {absent: prod}} | false",
        "{matchLabels: {empty: ''}} | true",
        "{matchLabels: {absent: ''}} | false",
        "{matchLabels: {tier: prod, empty: ''}} | true",
        "{matchLabels: {tier: prod, empty: x}} | false",
        "{matchExpressions: [{key: tier, operator: In, values: [test, prod]}]} | true",
        "{matchExpressions: [{key: tier, operator: In, values: [test]}]} | false",
        "{matchExpressions: [{key: absent, operator: In, values: [test]}]} | false",
        "{matchExpressions: [{key: tier, operator: NotIn, values: [test]}]} | true",
        "{matchExpressions: [{key: tier, operator: NotIn, values: [prod]}]} | false",
        "{matchExpressions: [{key: absent, operator: NotIn, values: [prod]}]} | true",
        "{matchExpressions: [{key: empty, operator: Exists}]} | true",
        "{matchExpressions: [{key: absent, operator: Exists}]} | false",
        "{matchExpressions: [{key: absent, operator: DoesNotExist}]} | true",
        "{matchExpressions: [{key: tier, operator: DoesNotExist}]} | false",
        "{matchLabels: {tier: prod}, matchExpressions: [{key: absent, operator: Exists}]} | false",
      })
  void matchesAsTheApiServerDoes(String selector, boolean matches) {
    assertThat(Labels.match(selector(selector), LABELS)).isEqualTo(matches);
  }

  @Test
  void anAbsentSelectorSelectsNothing() {
    assertThat(Labels.match(null, LABELS)).isFalse();
  }

  @Test
  void absentLabelsAreNoLabels() {
    assertThat(Labels.match(selector("{}"), null)).isTrue();
    assertThat(Labels.match(selector("{matchLabels: {tier: prod}}"), null)).isFalse();
    assertThat(
            Labels.match(
                selector("{matchExpressions: [{key: tier, operator: DoesNotExist}]}"), null))
        .isTrue();
  }

  @Test
  void anUnknownOperatorSelectsNothing() {
    assertThat(Labels.match(selector("{matchExpressions: [{key: tier, operator: Like}]}"), LABELS))
        .isFalse();
  }
}
