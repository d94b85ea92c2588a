package io.cgrouppolicy.core.kubelet.pressure;

import java.util.Set;

/// What the pods of one node declare, as far as it can be a cause of pressure. Pods are named
/// NAMESPACE/NAME.
///
/// @param withoutMemoryLimit pods that nothing keeps from using all memory of the node: no limit
///     for the pod, and none for some container of it
/// @param withCpuLimit pods that the kernel throttles: a limit for the pod or for some container
public record PodLimits(Set<String> withoutMemoryLimit, Set<String> withCpuLimit) {}
