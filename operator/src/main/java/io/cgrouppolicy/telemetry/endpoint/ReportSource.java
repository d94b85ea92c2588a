package io.cgrouppolicy.telemetry.endpoint;

import java.util.Optional;

/// Writes the operator's findings as a page.
@FunctionalInterface
public interface ReportSource {
  /// Takes seconds in a large cluster.
  ///
  /// @return empty on a replica that does not lead, which has no verdicts
  Optional<String> html();
}
