package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.core.check.DisplayText;
import io.quarkus.logging.LoggingFilter;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.ExtLogRecord.FormatStyle;

/// Puts each message of the log on one line without control characters. Messages repeat what others
/// wrote into the cluster, which could otherwise forge lines or control a terminal.
@LoggingFilter(name = "plain")
public final class PlainLog implements Filter {
  private static final int MAX_LENGTH = 8192;

  @Override
  public boolean isLoggable(LogRecord record) {
    if (record instanceof ExtLogRecord ours) {
      var message = ours.getFormattedMessage();
      if (message != null) {
        ours.setMessage(DisplayText.truncate(message, MAX_LENGTH), FormatStyle.NO_FORMAT);
      }
    }
    return true;
  }
}
