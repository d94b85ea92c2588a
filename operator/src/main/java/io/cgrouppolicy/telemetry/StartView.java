package io.cgrouppolicy.telemetry;

/// The state of the operator's start, for the probes. The SDK cannot provide it, because it answers
/// only once it has started.
public interface StartView {
  /// Whether the watches have started and this replica leads or is a candidate.
  boolean started();
}
