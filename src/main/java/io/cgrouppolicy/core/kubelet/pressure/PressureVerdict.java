package io.cgrouppolicy.core.kubelet.pressure;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.policy.Verdict;
import java.util.List;

/// What one policy's `spec.nodes.pressure`, at one generation, says of one node.
///
/// @param state ABOVE where some threshold is known to be exceeded; else UNAVAILABLE where what
///     some threshold is about is not known
/// @param findings what is above a threshold, and PressureUnavailable with why where something is
///     not known
public record PressureVerdict(
    String policyUid, long generation, State state, List<Finding> findings) implements Verdict {
  public enum State {
    NORMAL,
    ABOVE,
    UNAVAILABLE
  }
}
