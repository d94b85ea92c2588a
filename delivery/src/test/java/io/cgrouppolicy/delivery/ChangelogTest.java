package io.cgrouppolicy.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ChangelogTest {
  private static final Changelog CHANGELOG =
      new Changelog(
          """
          # Changelog

          ## 0.2.0 (2027-01-31)

          - New.
          ### Details

          ## 0.1.0

          - First.
          """);

  @Test
  void notesAreTheSectionOfTheVersion() {
    assertThat(CHANGELOG.notes("0.2.0")).isEqualTo("- New.\n### Details\n");
    assertThat(CHANGELOG.notes("0.1.0")).isEqualTo("- First.\n");
    assertThatThrownBy(() -> CHANGELOG.notes("0.1"))
        .hasMessage("CHANGELOG.md has no section \"## 0.1\"");
  }

  @Test
  void theVersionBeforeIsTheNextSection() {
    assertThat(CHANGELOG.before("0.2.0")).hasValue("0.1.0");
    assertThat(CHANGELOG.before("0.1.0")).isEmpty();
  }

  @Test
  void thisVersionHasASection() throws IOException {
    assertThat(Changelog.read().notes(Project.version())).isNotBlank();
  }
}
