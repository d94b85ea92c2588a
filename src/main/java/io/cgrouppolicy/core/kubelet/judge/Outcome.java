package io.cgrouppolicy.core.kubelet.judge;

/// What a rule says of one thing that it was asked about.
sealed interface Outcome {
  record Satisfied() implements Outcome {}

  record Violated(String expected, String actual, String message) implements Outcome {}

  /// The kubelet's answer does not tell.
  record Unknown(String reason, String message) implements Outcome {}

  /// Cannot be met on this node, through no fault of it.
  record NotApplicable(String reason, String message) implements Outcome {}

  Outcome SATISFIED = new Satisfied();
}
