package io.cgrouppolicy.core.status;

import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.openreports.ReportKey;
import io.cgrouppolicy.core.openreports.StoredReport;
import io.cgrouppolicy.core.status.Conditions.Status;
import java.time.Instant;
import java.util.Map;

/// What the operator knows of a policy's reports.
///
/// @param stored the reports in the cluster
/// @param listed when they were listed; null if they must be listed again
/// @param trouble why a report could not be written, or null
/// @param complete whether the reports have listed all violations once
public record Reports(
    Map<ReportKey, StoredReport> stored, Instant listed, Trouble trouble, boolean complete) {
  /// The reports of a policy that the operator has just seen.
  public static final Reports NONE = new Reports(Map.of(), null, null, false);

  /// Whether both have the same condition.
  public boolean sameCondition(Reports other) {
    return complete == other.complete
        && (trouble == null ? other.trouble == null : trouble.equals(other.trouble));
  }

  /// Keeps a condition that was True until the reports are compared: a restart changes nothing.
  void condition(Conditions conditions) {
    if (trouble != null) {
      conditions.set("ReportsPublished", Status.False, trouble.reason(), trouble.message());
    } else if (complete || conditions.was("ReportsPublished", Status.True)) {
      conditions.set(
          "ReportsPublished",
          Status.True,
          "Published",
          "all violations are in objects of openreports.io");
    } else {
      conditions.set(
          "ReportsPublished",
          Status.Unknown,
          "Observing",
          "the reports do not list all violations yet");
    }
  }
}
