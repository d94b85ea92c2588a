package io.cgrouppolicy.telemetry;

/// What the probes ask of the operator's start. They do not ask the SDK, which answers when it has
/// started.
public interface StartView {
  /// Whether the watches were started and this replica leads or is a candidate.
  boolean started();
}
