package io.cgrouppolicy.core.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.fuzz.HostileTexts;
import io.cgrouppolicy.fuzz.PlainText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class DisplayTextTest {
  static final Iterable<String> HOSTILE = HostileTexts.ALL;

  @ParameterizedTest
  @CsvSource({
    "'a\nb\r\n\tc', a b c",
    "'\u001b[31mred\u0007', ' [31mred '",
    "'\u009b31m', ' 31m'",
    "'a\u2028b\u0085c', a b c",
    "'\u202egpj.exe', ' gpj.exe'",
    "'\ud800x', ' x'",
    "'é😀', 'é😀'",
  })
  void replacesWhatTerminalsInterpret(String text, String shown) {
    assertThat(DisplayText.truncate(text, 80)).isEqualTo(shown);
  }

  @Test
  void cutsNoCharacterInHalf() {
    assertThat(DisplayText.truncate("ab😀de", 4)).isEqualTo("ab…");
    assertThat(DisplayText.truncate("ab😀de", 5)).isEqualTo("ab😀…");
    assertThat(DisplayText.truncate("ab😀de", 6)).isEqualTo("ab😀de");
  }

  @ParameterizedTest
  @FieldSource("HOSTILE")
  void anyTextIsPlainAndShort(String text) {
    for (int most = 2; most < 30; most++) {
      var shown = DisplayText.truncate(text, most);
      PlainText.check(shown);
      assertThat(shown).hasSizeLessThanOrEqualTo(most);
    }
  }
}
