package io.cgrouppolicy.core.check;

/// The catalog of checks. The names are part of the API: they identify checks in violations,
/// exceptions, event reasons and metric labels.
public enum Check {
  LimitRangeMissing(
      Area.NAMESPACES,
      Severity.High,
      "The namespace lacks the policy's LimitRange.",
      "Containers that declare no resources run without limits and can use up a node.",
      "In mode Enforce the operator creates it; if it cannot, the message and condition Ready say why. In mode Audit, set mode: Enforce once you agree with the report."),
  LimitRangeDrifted(
      Area.NAMESPACES,
      Severity.High,
      "The LimitRange differs from the policy.",
      "New containers get defaults and bounds that differ from the policy.",
      "In mode Enforce the operator restores it. Change the policy, not the object."),
  LimitRangeConflict(
      Area.NAMESPACES,
      Severity.Medium,
      "The namespace has a LimitRange that the policy does not own and that contradicts the policy's.",
      "If both give a default for one resource, a container gets either one. If the bounds of one exclude the bounds or defaults of the other, pods are rejected.",
      "Move its values into the policy and delete it, or add an exception for the namespace."),
  LimitRangeWithoutDefaults(
      Area.NAMESPACES,
      Severity.Critical,
      "The policy's LimitRange bounds huge pages or an extended resource without a default for it.",
      "The API server makes max the default: every container that asks for no GPU is given max GPUs. With min or defaultRequest alone, it is rejected.",
      "Set a default in the policy, such as default: {nvidia.com/gpu: 0}. Until then, do not restart workloads; with spec.rollout: WhenSafe, the operator writes nothing."),
  ResourceQuotaMissing(
      Area.NAMESPACES,
      Severity.High,
      "The namespace lacks the policy's ResourceQuota.",
      "A single namespace can use up the cluster.",
      "In mode Enforce the operator creates it after the LimitRange. If it cannot, the message says why: ExceededQuota means that another quota in the namespace has no room for it, RejectedByAdmission that an admission policy or webhook denies it."),
  ResourceQuotaDrifted(
      Area.NAMESPACES,
      Severity.High,
      "The ResourceQuota differs from the policy.",
      "The namespace can use more or less than the policy allows.",
      "In mode Enforce the operator restores it. Change the policy, not the object."),
  ResourceQuotaConflict(
      Area.NAMESPACES,
      Severity.High,
      "The namespace has a ResourceQuota with the operator's name that the policy does not own.",
      "The operator never takes over an object that it did not create, so the policy's quota is not in place.",
      "Rename or delete that ResourceQuota."),
  ResourceQuotaNotEffective(
      Area.NAMESPACES,
      Severity.High,
      "The quota controller has not synced the ResourceQuota, or does not count all of it.",
      "The API server enforces the quota's status.hard, which only that controller sets. Until it does, the old limits apply, or none. It admits any amount of what status.used lacks.",
      "If the message names keys that nothing counts, replace them: a quota counts an extended resource as requests.NAME, and count/NAME only of a kind that the cluster has. Otherwise check that kube-controller-manager runs with its resourcequota-controller, and read its log; restart it if it is stuck (kubernetes#71450)."),
  ResourceQuotaWithoutDefaults(
      Area.NAMESPACES,
      Severity.High,
      "The ResourceQuota rejects pods that do not set a resource that it counts.",
      "Deployments without requests or limits cannot roll out. Injected init containers are affected too.",
      "Add a default to the policy's LimitRange for each resource that its quota counts."),
  ObjectContested(
      Area.NAMESPACES,
      Severity.High,
      "Another writer keeps changing an object that the operator restores.",
      "The policy is not in force until the next restore. The operator backs off to limit the load on the API server.",
      "Find the other writer in the object's managedFields or the audit log, and stop it or change the policy."),
  WouldReject(
      Area.WORKLOADS,
      Severity.Critical,
      "The policy's LimitRange or ResourceQuota would reject pods or other objects that exist now.",
      "They stay. But when a rollout, an eviction or a node failure recreates pods, the API server rejects them.",
      "Fix the resource named in the message, in the workload or in the policy, before you set mode: Enforce. With spec.rollout: WhenSafe, the operator leaves such namespaces alone until then."),
  RejectedByPolicy(
      Area.WORKLOADS,
      Severity.Critical,
      "The policy's LimitRange or ResourceQuota rejects a workload's pods.",
      "The workload runs with fewer pods than it should, or with none.",
      "Change the workload's resources as the message says, or raise the limits in the policy."),
  MemoryLimitMissing(
      Area.WORKLOADS,
      Severity.High,
      "A container has no memory limit.",
      "It can use all memory of its node, until the kernel kills processes of other pods.",
      "Set resources.limits.memory, or let a LimitRange default it and recreate the pod."),
  CpuLimitMissing(
      Area.WORKLOADS,
      Severity.Low,
      "A container has no CPU limit.",
      "It can use all CPU that other containers have not requested.",
      "Set resources.limits.cpu. Or do not require it: CPU limits throttle, and whether to use them is a matter of choice."),
  LimitMissing(
      Area.WORKLOADS,
      Severity.Medium,
      "A container has no limit for a resource other than CPU and memory.",
      "Without an ephemeral-storage limit, it can fill the node's disk, and the kubelet evicts other pods.",
      "Set the limit that the message names, or let a LimitRange default it and recreate the pod."),
  RequestMissing(
      Area.WORKLOADS,
      Severity.Low,
      "A container lacks a request.",
      "The scheduler counts the container as zero and overcommits the node.",
      "Set resources.requests to the container's typical usage."),
  BestEffortPod(
      Area.WORKLOADS,
      Severity.Medium,
      "The pod has QoS class BestEffort.",
      "No container has a request or a limit: nothing bounds the pod, and it is evicted and OOM-killed first.",
      "Set a request on at least one container, and a memory limit to protect other pods."),
  PredatesLimitRange(
      Area.WORKLOADS,
      Severity.Medium,
      "The pod was created before the LimitRange, or before its defaults changed.",
      "A LimitRange applies at admission only: the pod never gets the new defaults.",
      "Restart the workload to recreate its pods."),
  CgroupVersion(
      Area.NODES,
      Severity.Medium,
      "The node runs a different cgroup version.",
      "cgroup v1 has no pressure information and no memory QoS. Since Kubernetes 1.35, kubelets refuse to start on it by default.",
      "Boot the node with systemd.unified_cgroup_hierarchy=1, or use a newer OS image."),
  KubeletCgroupDriver(
      Area.NODES,
      Severity.High,
      "The kubelet uses a different cgroup driver.",
      "If systemd and the kubelet both manage one cgroup tree, they undo each other's limits under load.",
      "Set the same driver in the container runtime and in cgroupDriver. Drain the node first, because its pods must be recreated. Kubelets up to 1.34 do not report the driver if the runtime sets it; the check is then Unknown."),
  KubeletEnforceNodeAllocatable(
      Area.NODES,
      Severity.High,
      "An enforceNodeAllocatable level is not in force.",
      "Reservations only reduce what the scheduler sees. Nothing keeps pods, or the daemons themselves, within their share.",
      "Set enforceNodeAllocatable in the order pods, kube-reserved, system-reserved, with the cgroups that the levels need; see the policy's remedy. The -compressible levels limit CPU only and do not count as the full level."),
  KubeletSystemReserved(
      Area.NODES,
      Severity.High,
      "Too little is reserved for system daemons.",
      "sshd, journald and other system daemons compete with pods for memory and CPU, and lose.",
      "Raise systemReserved, and set systemReservedCgroup to the daemons' cgroup."),
  KubeletKubeReserved(
      Area.NODES,
      Severity.High,
      "Too little is reserved for Kubernetes daemons.",
      "The kubelet and the container runtime starve under load; the node becomes NotReady, and all its pods are lost.",
      "Raise kubeReserved, and set kubeReservedCgroup to the daemons' cgroup. On OpenShift, kube-reserved is part of system-reserved and the check does not apply."),
  KubeletPodPidsLimit(
      Area.NODES,
      Severity.High,
      "The PID limit of a pod is missing or too high.",
      "A fork bomb in one pod can fill the node's PID table. Then no daemon can start a process, not even the kubelet.",
      "Set podPidsLimit. Running pods keep their old limit until they are recreated."),
  KubeletConfig(
      Area.NODES,
      Severity.Medium,
      "Another field of the kubelet's configuration differs from the policy.",
      "The policy requires this value in spec.nodes.kubelet.config or allows others in configBounds.",
      "Change the kubelet's configuration and restart the kubelet. Its /configz endpoint shows the configuration in force, after all files, drop-ins and flags."),
  KubeletUnreachable(
      Area.NODES,
      Severity.High,
      "The kubelet did not answer.",
      "The node's configuration is unknown, so the node does not count as compliant.",
      "Check that the node is Ready, that network policies and firewalls let the operator reach the kubelet's port, and that the operator trusts the CA of the kubelet's certificate."),
  KubeletUnauthorized(
      Area.NODES,
      Severity.High,
      "The kubelet denied the operator access.",
      "The node's configuration is unknown, so the node does not count as compliant.",
      "The kubelet must use webhook authentication and authorize nodes/configz as its own subresource (Kubernetes 1.33 and later). For older kubelets use the API server's proxy, which has its own ClusterRole."),
  KubeletConfigUnavailable(
      Area.NODES,
      Severity.High,
      "The kubelet does not serve its configuration.",
      "The node's configuration is unknown, so the node does not count as compliant.",
      "Kubelets serve /configz with enableDebuggingHandlers: true, the default."),
  HazardousNeighbours(
      Area.NODES,
      Severity.Critical,
      "Pods without a memory limit run next to Guaranteed or system-critical pods.",
      "A pod without limits can take down its important neighbors.",
      "Set memory limits on these pods, or move them to other nodes with taints."),
  PressureCpu(
      Area.PRESSURE,
      Severity.Medium,
      "CPU pressure is above the threshold.",
      "Tasks wait for CPU. Throttling by CPU limits counts too, so pressure alone does not prove that the node is short of CPU.",
      "The message shows how much of the node's CPU is in use. If CPU is available, raise or remove the CPU limits of the pods that the message names; if not, move workloads away or raise requests."),
  PressureMemory(
      Area.PRESSURE,
      Severity.Critical,
      "Memory pressure is above the threshold.",
      "Tasks wait for memory reclaim: the node, or a pod at its own limit, is close to OOM kills.",
      "The message shows how much of the node's memory is available. If it has memory to spare, raise the memory limits of the pods that the message names. If not, set memory limits on pods without one, starting with the largest; then lower limits, or raise requests so that fewer pods share the node."),
  PressureIo(
      Area.PRESSURE,
      Severity.High,
      "I/O pressure is above the threshold.",
      "Tasks wait for disks. Daemons such as etcd and the container runtime suffer first.",
      "Move the busiest pods to dedicated disks."),
  PressureUnavailable(
      Area.PRESSURE,
      Severity.Medium,
      "The node reports no pressure figures.",
      "The node's pressure is unknown, so the node does not count as normal.",
      "PsiOff and PsiAbsent: boot the kernel with psi=1 on cgroup v2, and use Kubernetes 1.34 or later. Any other reason: fix what keeps the kubelet from answering; it must authorize nodes/stats.");

  /// The part of a policy that a check belongs to.
  public enum Area {
    NAMESPACES,
    WORKLOADS,
    NODES,
    PRESSURE
  }

  /// How much a violation matters, the most severe first.
  public enum Severity {
    /// A workload cannot get its pods, or the node is about to run out of memory.
    Critical,
    /// Nothing prevents this, or the state is unknown.
    High,
    /// A problem to fix that takes nothing down on its own.
    Medium,
    /// A recommendation.
    Low
  }

  private final Area area;
  private final Severity severity;
  private final String meaning;
  private final String reason;
  private final String advice;

  Check(Area area, Severity severity, String meaning, String reason, String advice) {
    this.area = area;
    this.severity = severity;
    this.meaning = meaning;
    this.reason = reason;
    this.advice = advice;
  }

  public Area area() {
    return area;
  }

  public Severity severity() {
    return severity;
  }

  /// What a violation means, in one sentence.
  public String meaning() {
    return meaning;
  }

  /// Why a violation matters.
  public String reason() {
    return reason;
  }

  /// How to fix a violation.
  public String advice() {
    return advice;
  }
}
