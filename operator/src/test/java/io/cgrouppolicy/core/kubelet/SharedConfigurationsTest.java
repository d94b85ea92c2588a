package io.cgrouppolicy.core.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SharedConfigurationsTest {
  private final SharedConfigurations configurations = new SharedConfigurations();

  private KubeletConfiguration parse(String body) throws MalformedAnswerException {
    return configurations.parse(body.getBytes(StandardCharsets.UTF_8));
  }

  private static String maxPods(int pods) {
    return "{\"kubeletconfig\":{\"maxPods\":" + pods + "}}";
  }

  @Test
  void equalAnswersShareOneConfiguration() throws Exception {
    var first = parse(maxPods(110));
    assertThat(parse(maxPods(110))).isSameAs(first);
    assertThat(parse(maxPods(250)).json().path("maxPods").asInt()).isEqualTo(250);
    assertThat(first.json().path("maxPods").asInt()).isEqualTo(110);
  }

  @Test
  void aMalformedAnswerIsRefusedEachTime() {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> parse("{")).isInstanceOf(MalformedAnswerException.class);
    }
  }
}
