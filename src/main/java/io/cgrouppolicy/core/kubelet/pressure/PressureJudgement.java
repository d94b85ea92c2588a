package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict.State;
import java.util.List;
import java.util.Map;

/// What thresholds say of one node.
///
/// @param findings at most one a check; PressureUnavailable where what a threshold is about is not
///     known
/// @param told the figures in the findings, for the next judgement of the same thresholds
public record PressureJudgement(State state, List<Finding> findings, Map<String, Double> told) {}
