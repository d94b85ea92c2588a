package io.cgrouppolicy.shell.write;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.core.check.WriteFailureReason;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// A write that the API server refused, or that did not reach it.
public class WriteFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = new ObjectMapper();

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

  /// The API server's answer to a request that it refused.
  static WriteFailure of(WriteChannel.Response response, String what) {
    Status status;
    try {
      status = JSON.readValue(response.body(), Status.class);
      status.setCode(response.code());
    } catch (IOException e) {
      var text = new String(response.body(), StandardCharsets.UTF_8);
      status = status(response.code(), text.substring(0, Math.min(text.length(), 200)));
    }
    return new WriteFailure(what, status);
  }

  /// A request without an answer.
  static WriteFailure of(IOException failure, String what) {
    return new WriteFailure(what, status(0, failure.toString()));
  }

  private static Status status(int code, String message) {
    return new StatusBuilder().withCode(code).withMessage(message).build();
  }

  /// Whether the object, its namespace or its kind does not exist.
  public boolean notFound() {
    return code == 404;
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
