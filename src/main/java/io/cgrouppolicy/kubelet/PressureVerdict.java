package io.cgrouppolicy.kubelet;

import io.cgrouppolicy.compliance.Finding;
import java.util.List;

/// What one policy's `spec.nodes.pressure`, at one generation, says of one node.
///
/// @param findings what is above a threshold; where the state is UNAVAILABLE, the one that says why
public record PressureVerdict(
    String policyUid, long generation, State state, List<Finding> findings) {
  public enum State {
    NORMAL,
    ABOVE,
    UNAVAILABLE
  }
}
