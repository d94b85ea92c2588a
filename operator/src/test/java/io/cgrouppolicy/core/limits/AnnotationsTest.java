package io.cgrouppolicy.core.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class AnnotationsTest {
  @Test
  void sayWhatTheObjectIsAndWhomToAsk() {
    assertThat(Annotations.of("guard", "#platform", "https://example.com/limits"))
        .containsEntry("cgroup-policy.io/contact", "#platform")
        .containsEntry("cgroup-policy.io/documentation", "https://example.com/limits")
        .hasEntrySatisfying(
            "cgroup-policy.io/description",
            text ->
                assertThat(text)
                    .contains("CgroupPolicy guard", "reverts changes", "Ask the contact"));
    assertThat(Annotations.of("guard", null, null))
        .as("only what is known")
        .containsOnlyKeys(Annotations.DESCRIPTION, Annotations.LIST_REJECTIONS);
  }

  @Test
  void onlyTheCommandGetsTheNamespace() {
    var command = Annotations.of("p", null, null).get(Annotations.LIST_REJECTIONS);
    var asked = Annotations.of("p", command, null);
    var json = Annotations.fillIn(Serialization.asJson(asked), "team-a");
    assertThat(json)
        .contains("kubectl get events -n team-a --field-selector")
        .as("the contact is the administrator's text")
        .contains(Serialization.asJson(command));
  }
}
