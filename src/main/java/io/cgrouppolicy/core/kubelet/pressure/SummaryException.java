package io.cgrouppolicy.core.kubelet.pressure;

import java.io.IOException;

/// Whatever answered, it is no summary; the message says why, in one short line.
public final class SummaryException extends IOException {
  private static final int LONGEST = 160;

  SummaryException(String message) {
    super(truncate(message));
  }

  private static String truncate(String message) {
    var line = message.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "…";
  }
}
