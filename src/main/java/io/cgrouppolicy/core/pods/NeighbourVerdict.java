package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.policy.Verdict;

/// Whether one policy, at one generation, sees hazardous neighbours on one node.
///
/// @param finding of the check HazardousNeighbours, or null
public record NeighbourVerdict(String policyUid, long generation, Finding finding)
    implements Verdict {}
