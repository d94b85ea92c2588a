package io.cgrouppolicy.core.kubelet.pressure;

/// What a kubelet tells of one pod. Small, as there are tens of thousands.
///
/// @param name NAMESPACE/NAME
/// @param workingSet memory in use that cannot be dropped, in bytes; -1 where it is not told
/// @param cpu absent for a while after the pod was started, as are the others
public record PodSummary(String name, long workingSet, Psi cpu, Psi memory, Psi io) {}
