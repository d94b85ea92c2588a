package io.cgrouppolicy.core.pods;

/// The object that findings on pods are grouped by: the topmost controller (Deployment,
/// StatefulSet, DaemonSet, CronJob, ...), or a pod without one.
///
/// @param surge the workload's `maxSurge`, as a count or a percentage ("25%"); null if unknown
public record Workload(String kind, String name, String surge) {}
