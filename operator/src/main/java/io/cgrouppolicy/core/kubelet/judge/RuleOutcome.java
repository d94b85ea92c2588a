package io.cgrouppolicy.core.kubelet.judge;

/// The result of a rule for one requirement of a policy.
sealed interface RuleOutcome {
  record Satisfied() implements RuleOutcome {}

  record Violated(String expected, String actual, String message) implements RuleOutcome {}

  /// The kubelet's answer has no information.
  record Unknown(String reason, String message) implements RuleOutcome {}

  /// The node cannot meet the requirement, through no fault of its own.
  record NotApplicable(String reason, String message) implements RuleOutcome {}

  RuleOutcome SATISFIED = new Satisfied();
}
