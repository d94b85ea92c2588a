package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import java.time.Instant;
import java.util.Map;

/// What the operator remembers of a policy between reconciliations.
///
/// @param written the last status written, until the cache shows it; or null
/// @param failedWrites the number of consecutive failed writes of the status
/// @param remedy what is known of the published remedy, or null
/// @param reported the conditions that events have reported, or null before the first status
/// @param reports what is known of the policy's reports
public record PolicyRecord(
    Written written,
    int failedWrites,
    Remedy remedy,
    ReportedConditions reported,
    Reports reports) {
  public static final PolicyRecord NONE = new PolicyRecord(null, 0, null, null, Reports.NONE);

  public record Written(CgroupPolicyStatus status, Instant at) {}

  /// @param files the last confirmed content of the ConfigMap; null after a failure
  /// @param failure why it could not be published, or null
  public record Remedy(Map<String, String> files, Instant at, String failure) {}

  /// @param written null when the cache shows it
  public PolicyRecord with(Written written) {
    return new PolicyRecord(written, 0, remedy, reported, reports);
  }

  public PolicyRecord withFailedWrite() {
    return new PolicyRecord(written, failedWrites + 1, remedy, reported, reports);
  }

  public PolicyRecord with(Remedy remedy) {
    return new PolicyRecord(written, failedWrites, remedy, reported, reports);
  }

  public PolicyRecord with(ReportedConditions reported) {
    return new PolicyRecord(written, failedWrites, remedy, reported, reports);
  }

  public PolicyRecord with(Reports reports) {
    return new PolicyRecord(written, failedWrites, remedy, reported, reports);
  }
}
