package io.cgrouppolicy.compliance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChecksPageTest {
  @Test
  void thePageIsFresh() {
    assertThat(ChecksPage.FILE).as("written by make manifests").hasContent(ChecksPage.render());
  }

  @ParameterizedTest
  @EnumSource(Check.class)
  void everyCheckSaysWhatWhyAndWhatToDo(Check check) {
    assertThat(check.meaning()).matches("(?s)[A-Z].*\\.");
    assertThat(check.reason()).matches("(?s).{20,}\\.").isNotEqualTo(check.meaning());
    assertThat(check.advice()).matches("(?s).{20,}\\.");
  }
}
