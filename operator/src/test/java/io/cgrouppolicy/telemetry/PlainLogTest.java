package io.cgrouppolicy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.fuzz.HostileTexts;
import io.cgrouppolicy.fuzz.PlainText;
import java.util.logging.Level;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.ExtLogRecord.FormatStyle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class PlainLogTest {
  static final Iterable<String> HOSTILE = HostileTexts.ALL;

  private static String logged(String format, Object parameter) {
    var record = new ExtLogRecord(Level.INFO, format, FormatStyle.PRINTF, "logger");
    record.setParameters(new Object[] {parameter});
    assertThat(new PlainLog().isLoggable(record)).isTrue();
    return record.getFormattedMessage();
  }

  @Test
  void keepsWhatIsPlain() {
    assertThat(logged("reverted: %s is 100%%", "memory {0}"))
        .isEqualTo("reverted: memory {0} is 100%");
  }

  @ParameterizedTest
  @FieldSource("HOSTILE")
  void putsEachMessageOnOneLine(String text) {
    var message = logged("reverted: %s", text.repeat(20));
    PlainText.check(message);
    assertThat(message).startsWith("reverted: ").hasSizeLessThanOrEqualTo(8192);
  }
}
