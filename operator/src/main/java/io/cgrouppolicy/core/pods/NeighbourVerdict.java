package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.policy.Verdict;

/// One policy's verdict on the pods of one node, at one generation.
///
/// @param finding of the check HazardousNeighbours, or null
public record NeighbourVerdict(String policyUid, long generation, Finding finding)
    implements Verdict {}
