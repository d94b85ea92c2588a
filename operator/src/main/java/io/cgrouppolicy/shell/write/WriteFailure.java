package io.cgrouppolicy.shell.write;

import io.cgrouppolicy.core.check.WriteFailureReason;

/// A write that the API server refused, or that did not reach it.
public class WriteFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final String cause;

  /// @param code the HTTP status, or 0 when there was no answer
  /// @param cause the first cause of the server's Status, or ""
  WriteFailure(int code, String what, String message, String cause) {
    super("cannot " + what + ": " + message);
    this.code = code;
    this.cause = cause;
  }

  /// Whether the namespace is deleted or terminating, which is no error.
  public boolean benign() {
    return code == 404 || code == 403 && cause.equals("NamespaceTerminating");
  }

  /// Whether the object has changed in between; the cache will catch up.
  public boolean conflict() {
    return code == 409;
  }

  /// The reason for the condition Ready.
  public String reason() {
    return WriteFailureReason.of(code).name();
  }
}
