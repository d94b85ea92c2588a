/// Judges a node by pressure stall information (PSI) from its kubelet's `/stats/summary`.
package io.cgrouppolicy.core.kubelet.pressure;
