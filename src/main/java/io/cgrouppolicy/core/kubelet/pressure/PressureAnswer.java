package io.cgrouppolicy.core.kubelet.pressure;

/// What came of asking a kubelet for its summary.
public sealed interface PressureAnswer {
  record Answered(NodeSummary summary) implements PressureAnswer {}

  /// @param reason a CamelCase word such as Timeout, Forbidden or NodeNotReady
  /// @param message a sentence
  record Unanswered(String reason, String message) implements PressureAnswer {}
}
