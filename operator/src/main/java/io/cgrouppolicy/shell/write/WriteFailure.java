package io.cgrouppolicy.shell.write;

import io.cgrouppolicy.core.check.WriteFailureReason;
import io.fabric8.kubernetes.api.model.Status;

/// A write that the API server refused, or that did not reach it.
public class WriteFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final boolean terminating;
  private final WriteFailureReason reason;

  /// @param status with the code of the HTTP response, or 0 when there was none
  WriteFailure(String what, Status status) {
    super("cannot " + what + ": " + status.getMessage());
    code = status.getCode();
    terminating =
        status.getDetails() != null
            && status.getDetails().getCauses().stream()
                .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
    reason = WriteFailureReason.of(status);
  }

  /// Whether the namespace is deleted or terminating, which is no error.
  public boolean benign() {
    return code == 404 || code == 403 && terminating;
  }

  /// Whether the object has changed in between; the cache will catch up.
  public boolean conflict() {
    return code == 409;
  }

  /// The reason for the condition Ready.
  public String reason() {
    return reason.name();
  }
}
