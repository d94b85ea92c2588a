package io.cgrouppolicy.core.pods;

/// What findings on pods are grouped by: the topmost controller (Deployment, StatefulSet,
/// DaemonSet, CronJob, ...), or the pod alone.
///
/// @param surge how many pods more than now a rolling update may start at once: a count, a
///     percentage ("25%"), or null where that is not known
public record Workload(String kind, String name, String surge) {}
