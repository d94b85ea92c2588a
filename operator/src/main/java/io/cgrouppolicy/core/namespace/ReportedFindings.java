package io.cgrouppolicy.core.namespace;

import java.time.Instant;
import java.util.Map;

/// The rejections in a namespace that events have reported for one policy.
///
/// @param rejections by [RejectionEvents]' digest of workload and cause
public record ReportedFindings(String policyUid, Map<String, Reported> rejections) {

  /// @param at when the event was sent
  /// @param holds false since the rejection ended
  public record Reported(Instant at, boolean holds) {}
}
