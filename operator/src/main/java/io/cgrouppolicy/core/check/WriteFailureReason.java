package io.cgrouppolicy.core.check;

import io.fabric8.kubernetes.api.model.Status;

/// Why a write failed. The names are reasons of condition Ready and values of a metric label.
public enum WriteFailureReason {
  ApiServerUnreachable,
  /// A quota of another owner has no room for the object.
  ExceededQuota,
  /// The operator lacks a permission.
  Forbidden,
  /// The object is invalid.
  Rejected,
  /// An admission plugin, policy or webhook denied the write, or a webhook could not be called.
  RejectedByAdmission,
  WriteFailed;

  /// Classifies the API server's answer. The authorizer, the quota and other admission plugins all
  /// answer 403 with equal details, so only the text distinguishes them. An admission policy
  /// gives a cause without a field, validation gives causes with one, and a webhook that denies
  /// gives no details and any code.
  ///
  /// @param status with the code of the HTTP response, or 0 if there was none
  public static WriteFailureReason of(Status status) {
    int code = status.getCode() == null ? 0 : status.getCode();
    var message = status.getMessage() == null ? "" : status.getMessage();
    var causes = status.getDetails() == null ? null : status.getDetails().getCauses();
    boolean byPolicy =
        causes != null
            && causes.stream().anyMatch(c -> c.getField() == null && c.getReason() == null);
    if (message.startsWith("admission webhook ") || message.contains("failed calling webhook ")) {
      return RejectedByAdmission;
    }
    return switch (code) {
      case 0 -> ApiServerUnreachable;
      case 403 ->
          byPolicy
              ? RejectedByAdmission
              : message.contains(" is forbidden: exceeded quota: ")
                  ? ExceededQuota
                  : message.contains(" is forbidden: User ") ? Forbidden : RejectedByAdmission;
      case 422 -> byPolicy ? RejectedByAdmission : Rejected;
      default -> WriteFailed;
    };
  }
}
