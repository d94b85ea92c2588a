package io.cgrouppolicy.telemetry.endpoint;

/// Why a request gets no metrics, if not for want of a token. The message goes to the client and to
/// the log, so it holds nothing of the request.
final class Refusal extends RuntimeException {
  private final int code;

  /// @param code of HTTP
  Refusal(int code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  int code() {
    return code;
  }
}
