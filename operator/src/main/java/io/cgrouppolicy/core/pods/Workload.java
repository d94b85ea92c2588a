package io.cgrouppolicy.core.pods;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.WorkloadFinding;

/// The object that findings on pods are grouped by: the topmost controller (Deployment,
/// StatefulSet, DaemonSet, CronJob, ...), or a pod without one.
///
/// @param apiVersion null if unknown
/// @param uid null if unknown
/// @param surge the workload's `maxSurge`, as a count or a percentage ("25%"); null if unknown
public record Workload(String apiVersion, String kind, String name, String uid, String surge) {
  public Workload(String kind, String name, String surge) {
    this(null, kind, name, null, surge);
  }

  public static Workload of(PodFacts pod) {
    return new Workload("v1", "Pod", pod.name(), pod.uid(), null);
  }

  public WorkloadFinding finding(Finding finding) {
    return new WorkloadFinding(kind, name, apiVersion, uid, finding);
  }
}
