package io.cgrouppolicy.core.check;

/// A finding on a workload, or on a pod without one.
///
/// @param kind of the workload: Deployment, StatefulSet, ..., Pod
public record WorkloadFinding(String kind, String name, Finding finding) {}
