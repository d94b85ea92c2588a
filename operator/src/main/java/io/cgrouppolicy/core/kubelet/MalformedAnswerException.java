package io.cgrouppolicy.core.kubelet;

import io.cgrouppolicy.core.check.DisplayText;

/// A kubelet's answer is not what it should be. The message says why, in one short line.
public final class MalformedAnswerException extends Exception {
  private static final int MAX_LENGTH = 160;

  public MalformedAnswerException(String message) {
    super(DisplayText.truncate(message.lines().findFirst().orElse(""), MAX_LENGTH));
  }
}
