package io.cgrouppolicy.core.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.ResourceQuotaTemplate;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResourceQuotaRulesTest {
  private static ResourceQuotaTemplate quota(Map<String, Quantity> hard, String... scopes) {
    return new ResourceQuotaTemplate(hard, List.of(scopes), null);
  }

  private static Map<String, Quantity> pods(String amount) {
    return Map.of("pods", new Quantity(amount));
  }

  @Test
  void comparesByNumberAndIgnoresTheOrderOfScopes() {
    var a = ResourceQuotaRules.canonical(quota(pods("1000"), "BestEffort", "Terminating"));
    var b = ResourceQuotaRules.canonical(quota(pods("1k"), "Terminating", "BestEffort"));
    assertThat(ResourceQuotaRules.differences(a, b)).isEmpty();
  }

  @Test
  void findsSurplusKeysAndOtherScopes() {
    var wanted = ResourceQuotaRules.canonical(quota(pods("1")));
    var stored =
        ResourceQuotaRules.canonical(
            quota(Map.of("pods", new Quantity("1"), "secrets", new Quantity("2")), "BestEffort"));
    assertThat(ResourceQuotaRules.surplus(wanted, stored)).containsExactly("secrets");
    assertThat(ResourceQuotaRules.sameScopes(wanted, stored)).isFalse();
    assertThat(ResourceQuotaRules.differences(wanted, stored))
        .extracting(Difference::field)
        .containsExactly("hard.secrets", "scopes");
  }

  @Test
  void countsAsFarAsTheApiServer() {
    assertThat(ResourceQuotaRules.problems("f", quota(pods("9223372036854775")))).isEmpty();
    assertThat(ResourceQuotaRules.problems("f", quota(pods("9223372036854776"))))
        .extracting(Object::toString)
        .containsExactly("f.hard[pods]: must be at most 9223372036854775");
  }

  @Test
  void namesTheFieldOfAProblem() {
    assertThat(ResourceQuotaRules.problems("f", quota(pods("-1")))).hasSize(1);
    assertThat(ResourceQuotaRules.problems("f", quota(Map.of())))
        .extracting(Object::toString)
        .containsExactly("f.hard: must name at least one resource");
    assertThat(ResourceQuotaRules.problems("f", quota(pods("1"), "BestEffort", "NotBestEffort")))
        .hasSize(1);
    assertThat(ResourceQuotaRules.problems("f", quota(pods("1"), "Nonsense")))
        .extracting(Object::toString)
        .containsExactly("f.scopes[0]: unknown scope Nonsense");
    assertThat(
            ResourceQuotaRules.problems(
                "f",
                quota(
                    Map.of(
                        "requests.memory", new Quantity("2Gi"),
                        "limits.memory", new Quantity("1Gi")))))
        .hasSize(1);
  }
}
