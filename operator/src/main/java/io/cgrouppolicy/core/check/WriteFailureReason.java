package io.cgrouppolicy.core.check;

/// Why a write failed. The names are reasons of condition Ready and values of a metric label.
public enum WriteFailureReason {
  ApiServerUnreachable,
  Forbidden,
  Rejected,
  WriteFailed;

  /// @param code the HTTP status, or 0 if there was no response
  public static WriteFailureReason of(int code) {
    return switch (code) {
      case 0 -> ApiServerUnreachable;
      case 403 -> Forbidden;
      case 422 -> Rejected;
      default -> WriteFailed;
    };
  }
}
