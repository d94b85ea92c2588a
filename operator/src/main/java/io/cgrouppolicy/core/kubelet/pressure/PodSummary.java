package io.cgrouppolicy.core.kubelet.pressure;

/// One pod in a kubelet's summary. Small, because a cluster has tens of thousands.
///
/// @param name NAMESPACE/NAME
/// @param workingSet memory in use that the kernel cannot reclaim, in bytes; -1 if unknown
/// @param limitInUse percent of its memory limit that the pod uses, or that container of it which
///     uses most; NaN without a limit
/// @param cpu absent for a while after the pod starts, like memory and io
public record PodSummary(
    String name, long workingSet, float limitInUse, Psi cpu, Psi memory, Psi io) {}
