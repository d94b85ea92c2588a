package io.cgrouppolicy.workload;

import io.cgrouppolicy.compliance.Finding;
import io.cgrouppolicy.compliance.Verdict;

/// Whether one policy, at one generation, sees hazardous neighbours on one node.
///
/// @param finding of the check HazardousNeighbours, or null
public record NeighbourVerdict(String policyUid, long generation, Finding finding)
    implements Verdict {}
