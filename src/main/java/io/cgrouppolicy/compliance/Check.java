package io.cgrouppolicy.compliance;

/// The catalogue of checks. A name here is the id in violations and exceptions, the reason of the
/// event and the label of the metric, so it is part of the API.
public enum Check {
  LimitRangeMissing(Area.NAMESPACES, "The namespace lacks the policy's LimitRange."),
  LimitRangeDrifted(Area.NAMESPACES, "The LimitRange differs from the policy."),
  LimitRangeConflict(
      Area.NAMESPACES,
      "A LimitRange that is not ours is in the namespace; which default wins is not deterministic."),
  ResourceQuotaMissing(Area.NAMESPACES, "The namespace lacks the policy's ResourceQuota."),
  ResourceQuotaDrifted(Area.NAMESPACES, "The ResourceQuota differs from the policy."),
  ResourceQuotaConflict(
      Area.NAMESPACES, "A ResourceQuota of our name that is not ours is in the namespace."),
  ResourceQuotaNotEffective(Area.NAMESPACES, "The quota controller has not adopted the quota."),
  ResourceQuotaWithoutDefaults(
      Area.NAMESPACES, "The quota rejects pods that set none of a resource it counts."),
  ObjectContested(
      Area.NAMESPACES, "Somebody keeps changing an object that the operator keeps restoring."),
  MemoryLimitMissing(Area.WORKLOADS, "A container has no memory limit."),
  CpuLimitMissing(Area.WORKLOADS, "A container has no CPU limit."),
  RequestMissing(Area.WORKLOADS, "A container lacks a request."),
  BestEffortPod(Area.WORKLOADS, "The pod is of QoS class BestEffort."),
  PredatesLimitRange(Area.WORKLOADS, "The pod was created before the LimitRange."),
  CgroupVersion(Area.NODES, "The node runs another cgroup version."),
  KubeletCgroupDriver(Area.NODES, "The kubelet uses another cgroup driver."),
  KubeletEnforceNodeAllocatable(Area.NODES, "An enforcement level is not in force."),
  KubeletSystemReserved(Area.NODES, "Too little is reserved for system daemons."),
  KubeletKubeReserved(Area.NODES, "Too little is reserved for Kubernetes daemons."),
  KubeletPodPidsLimit(Area.NODES, "The PID limit of a pod is missing or too high."),
  KubeletConfig(Area.NODES, "Another field of the kubelet's configuration differs."),
  KubeletUnreachable(Area.NODES, "The kubelet did not answer."),
  KubeletUnauthorized(Area.NODES, "The kubelet refused the operator."),
  KubeletConfigUnavailable(Area.NODES, "The kubelet does not serve its configuration."),
  HazardousNeighbours(Area.NODES, "Uncapped pods run beside guaranteed or critical ones."),
  PressureCpu(Area.PRESSURE, "CPU pressure is above the threshold."),
  PressureMemory(Area.PRESSURE, "Memory pressure is above the threshold."),
  PressureIo(Area.PRESSURE, "I/O pressure is above the threshold."),
  PressureUnavailable(Area.PRESSURE, "The node gives no pressure figures.");

  /// The part of a policy that a check belongs to.
  public enum Area {
    NAMESPACES,
    WORKLOADS,
    NODES,
    PRESSURE
  }

  private final Area area;
  private final String meaning;

  Check(Area area, String meaning) {
    this.area = area;
    this.meaning = meaning;
  }

  public Area area() {
    return area;
  }

  /// What a finding of this check means, in a sentence.
  public String meaning() {
    return meaning;
  }
}
