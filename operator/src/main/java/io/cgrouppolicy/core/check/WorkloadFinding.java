package io.cgrouppolicy.core.check;

/// A finding on a workload, or on a pod without one.
///
/// @param kind of the workload: Deployment, StatefulSet, ..., Pod; or Namespace
/// @param apiVersion of the workload, or null if unknown
/// @param uid of the workload, or null if unknown
public record WorkloadFinding(
    String kind, String name, String apiVersion, String uid, Finding finding) {
  public WorkloadFinding(String kind, String name, Finding finding) {
    this(kind, name, null, null, finding);
  }
}
