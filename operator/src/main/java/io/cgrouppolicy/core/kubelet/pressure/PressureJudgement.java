package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.pressure.PressureVerdict.State;
import java.util.List;
import java.util.Map;

/// A node's pressure compared with thresholds.
///
/// @param findings at most one per check; PressureUnavailable if figures for a threshold are
///     missing
/// @param reported the figures in the findings, for the next judgement by the same thresholds
public record PressureJudgement(
    State state, List<Finding> findings, Map<String, Double> reported) {}
