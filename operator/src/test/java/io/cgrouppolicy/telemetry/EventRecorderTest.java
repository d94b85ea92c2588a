package io.cgrouppolicy.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.fuzz.HostileTexts;
import io.cgrouppolicy.fuzz.PlainText;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class EventRecorderTest {
  static final Iterable<String> HOSTILE = HostileTexts.ALL;

  /// `ValidateEvent` in pkg/apis/events counts bytes.
  @ParameterizedTest
  @FieldSource("HOSTILE")
  void aNoteIsPlainAndHasAtMost1024Bytes(String text) {
    for (var note : new String[] {text, text.repeat(100), "policy p: " + "é".repeat(1014)}) {
      var shown = EventRecorder.note(note);
      PlainText.check(shown);
      assertThat(shown.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(1024);
    }
  }
}
