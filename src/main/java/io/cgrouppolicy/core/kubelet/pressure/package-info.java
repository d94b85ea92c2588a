/// Pressure stall information (PSI) of a node and its pods, from the kubelet's
/// `/stats/summary`, against a policy's thresholds.
package io.cgrouppolicy.core.kubelet.pressure;
