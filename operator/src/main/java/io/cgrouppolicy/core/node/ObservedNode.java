package io.cgrouppolicy.core.node;

import io.cgrouppolicy.core.kubelet.KubeletConfiguration;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Reading;
import io.cgrouppolicy.core.kubelet.pressure.NodeSummary;
import io.cgrouppolicy.core.kubelet.pressure.PodLimits;

/// A node as we see it now.
///
/// @param configuration of the kubelet, or null before the first answer
/// @param pressure or null before the first answer
/// @param pods limits of its pods, or null if unknown
public record ObservedNode(
    NodeFacts facts,
    Reading<KubeletConfiguration> configuration,
    Reading<NodeSummary> pressure,
    PodLimits pods,
    Platform platform) {}
