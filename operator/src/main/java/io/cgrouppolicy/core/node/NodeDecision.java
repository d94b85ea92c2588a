package io.cgrouppolicy.core.node;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import java.util.List;
import java.util.Set;

/// What follows from a look at a node.
///
/// It names no time for the next look: as long as a policy asks something of the kubelet, the
/// node's surveys have a request in flight or a timer running, and each answer is a look.
///
/// @param memory for the next decision; holds the verdicts
/// @param events to write
/// @param wake policies for which the set of nodes, or the smallest of them, has changed
/// @param askConfiguration whether to ask for the configuration at once
public record NodeDecision(
    NodeMemory memory, List<Event> events, Set<String> wake, boolean askConfiguration) {

  /// An event about the node.
  public record Event(Check reason, String note) {
    static Event of(String policy, Finding finding) {
      return new Event(finding.check(), "policy " + policy + ": " + finding.message());
    }
  }
}
