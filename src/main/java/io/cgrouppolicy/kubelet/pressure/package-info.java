/// Pressure stall information (PSI) of a node and its pods: what a kubelet's `/stats/summary` tells
/// of it, and what a policy's thresholds say to that. Plain functions on what was read.
package io.cgrouppolicy.kubelet.pressure;
