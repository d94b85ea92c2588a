package io.cgrouppolicy.core.check;

/// The catalogue of checks. A name here is the id in violations and exceptions, the reason of the
/// event and the label of the metric, so it is part of the API.
public enum Check {
  LimitRangeMissing(
      Area.NAMESPACES,
      "The namespace lacks the policy's LimitRange.",
      "Containers that say nothing about resources run without limits and can take all of a node.",
      "In mode Enforce the operator puts it in place; the condition Ready says what keeps it. In mode Audit, enforce the policy once its report is as wanted."),
  LimitRangeDrifted(
      Area.NAMESPACES,
      "The LimitRange differs from the policy.",
      "New containers get other defaults and bounds than the policy says.",
      "In mode Enforce the operator restores it; change the policy rather than the object."),
  LimitRangeConflict(
      Area.NAMESPACES,
      "A LimitRange that is not ours is in the namespace; which default wins is not deterministic.",
      "With two LimitRanges a container gets the default of one or the other, and where the minimum of one is above the maximum of the other no pod is admitted.",
      "Move what it says into the policy and delete it, or except the namespace from the check."),
  ResourceQuotaMissing(
      Area.NAMESPACES,
      "The namespace lacks the policy's ResourceQuota.",
      "One namespace can use up the cluster.",
      "In mode Enforce the operator puts it in place, after the LimitRange; the condition Ready says what keeps it."),
  ResourceQuotaDrifted(
      Area.NAMESPACES,
      "The ResourceQuota differs from the policy.",
      "The namespace may use more, or less, than the policy says.",
      "In mode Enforce the operator restores it; change the policy rather than the object."),
  ResourceQuotaConflict(
      Area.NAMESPACES,
      "A ResourceQuota of our name that is not ours is in the namespace.",
      "The operator does not take over what is somebody else's, so the policy's quota is not in place.",
      "Rename or delete the other quota."),
  ResourceQuotaNotEffective(
      Area.NAMESPACES,
      "The quota controller has not adopted the quota.",
      "Pods are held against the quota's status.hard, which only that controller sets: until it does, the quota is not enforced, or its old figures are.",
      "See whether kube-controller-manager runs, with its resourcequota-controller, and what its log says; restart it where it is stuck (kubernetes#71450)."),
  ResourceQuotaWithoutDefaults(
      Area.NAMESPACES,
      "The quota rejects pods that do not set a resource it counts.",
      "Deployments without requests or limits stop rolling out, and so do injected init containers.",
      "Give the policy's LimitRange a default for each resource that its quota counts."),
  ObjectContested(
      Area.NAMESPACES,
      "Somebody keeps changing an object that the operator keeps restoring.",
      "Between two restores the policy is not in force; the operator restores ever more slowly, so as not to load the API server.",
      "Find the other writer, in the object's managedFields or the audit log, and settle which of both is to have its way."),
  WouldReject(
      Area.NAMESPACES,
      "The policy's LimitRange or ResourceQuota refuses pods that run now.",
      "They stay as they are; but when they are next created, by a rollout, an eviction or the loss of a node, the API server refuses them.",
      "Change what the message names, in the workload or in the policy, before the policy enforces; spec.rollout: WhenSafe leaves such namespaces alone until then."),
  RejectedByPolicy(
      Area.NAMESPACES,
      "A workload's pods are refused because of the policy's LimitRange or ResourceQuota.",
      "The workload runs with fewer pods than it should, or with none.",
      "Change the workload's resources as the message says, or raise what the policy allows."),
  MemoryLimitMissing(
      Area.WORKLOADS,
      "A container has no memory limit.",
      "It can use all memory of its node, until the kernel kills processes of others.",
      "Set resources.limits.memory, or let a LimitRange default it and create the pod anew."),
  CpuLimitMissing(
      Area.WORKLOADS,
      "A container has no CPU limit.",
      "It can use all CPU that others do not insist on by their requests.",
      "Set resources.limits.cpu; or do not require it, as CPU limits throttle and are a matter of choice."),
  RequestMissing(
      Area.WORKLOADS,
      "A container lacks a request.",
      "The scheduler counts it as nothing and overcommits the node.",
      "Set resources.requests to what it usually uses."),
  BestEffortPod(
      Area.WORKLOADS,
      "The pod is of QoS class BestEffort.",
      "No container has any request or limit: nothing bounds the pod, and it is the first to be killed.",
      "Give at least one container a request; for the protection of others, a memory limit."),
  PredatesLimitRange(
      Area.WORKLOADS,
      "The pod was created before the LimitRange, or before its defaults were changed.",
      "A LimitRange acts at admission only: the pod stays as it is for as long as it lives.",
      "Restart its workload, so that its pods are created anew."),
  CgroupVersion(
      Area.NODES,
      "The node runs another cgroup version.",
      "On cgroup v1 there is no pressure information and no memory QoS, and kubelets refuse to start on it by default since Kubernetes 1.35.",
      "Boot the node with systemd.unified_cgroup_hierarchy=1, or use a newer system image."),
  KubeletCgroupDriver(
      Area.NODES,
      "The kubelet uses another cgroup driver.",
      "Two managers of one cgroup tree, systemd and the kubelet, undo each other's limits under load.",
      "Set the driver of the container runtime and cgroupDriver to the same; drain the node, as its pods must be created anew. Kubelets up to 1.34 do not tell their driver where the runtime sets it: the check is then unknown."),
  KubeletEnforceNodeAllocatable(
      Area.NODES,
      "An enforcement level is not in force.",
      "What is reserved for daemons is only subtracted from what the scheduler sees; nothing keeps pods, or the daemons themselves, within it.",
      "Set enforceNodeAllocatable, in the order pods, kube-reserved, system-reserved, with the cgroups that the levels need; see the policy's remedy. -compressible limits CPU only and does not count as the full level."),
  KubeletSystemReserved(
      Area.NODES,
      "Too little is reserved for system daemons.",
      "sshd, journald and the rest of the system compete with pods for memory and CPU, and lose.",
      "Raise systemReserved, and set systemReservedCgroup to the cgroup of the daemons."),
  KubeletKubeReserved(
      Area.NODES,
      "Too little is reserved for Kubernetes daemons.",
      "The kubelet and the container runtime starve under load, the node turns NotReady and takes all its pods along.",
      "Raise kubeReserved, and set kubeReservedCgroup to the cgroup of the daemons. On OpenShift it is part of system-reserved and the check does not apply."),
  KubeletPodPidsLimit(
      Area.NODES,
      "The PID limit of a pod is missing or too high.",
      "A fork bomb in one pod can fill the node's PID table; then no daemon can start a process, not even the kubelet.",
      "Set podPidsLimit. Pods that run keep their old limit until they are created anew."),
  KubeletConfig(
      Area.NODES,
      "Another field of the kubelet's configuration differs.",
      "The policy asks for the field by name, in spec.nodes.kubelet.config.",
      "Change the kubelet's configuration and restart it; what is in force is what its /configz says, after all files, drop-ins and flags."),
  KubeletUnreachable(
      Area.NODES,
      "The kubelet did not answer.",
      "What the node enforces is not known, and it is never counted as compliant.",
      "See whether the node is Ready, whether a network policy or firewall lets the operator reach the kubelet's port, and whether the operator trusts the CA of the kubelet's certificate."),
  KubeletUnauthorized(
      Area.NODES,
      "The kubelet refused the operator.",
      "What the node enforces is not known, and it is never counted as compliant.",
      "The kubelet must authenticate by webhook, and authorise nodes/configz by itself (Kubernetes 1.33 and later); for older ones use the API server's proxy, with its own ClusterRole."),
  KubeletConfigUnavailable(
      Area.NODES,
      "The kubelet does not serve its configuration.",
      "What the node enforces is not known, and it is never counted as compliant.",
      "/configz is served with enableDebuggingHandlers: true, the default. Leave nodes without a kubelet of their own, virtual ones and Windows, out of the policy's selector."),
  HazardousNeighbours(
      Area.NODES,
      "Uncapped pods run beside guaranteed or critical ones.",
      "A pod without limits that goes wrong takes its important neighbours along.",
      "Give the uncapped pods limits, or keep them on other nodes by taints."),
  PressureCpu(
      Area.PRESSURE,
      "CPU pressure is above the threshold.",
      "Tasks wait for CPU. Throttling by CPU limits counts too, so that it does not prove that the node is short of CPU.",
      "The message tells how much of the node's CPU is in use. Where there is CPU to be had, raise or remove the CPU limits of the pods that it names; where there is not, move work away or raise requests."),
  PressureMemory(
      Area.PRESSURE,
      "Memory pressure is above the threshold.",
      "Tasks wait for memory to be reclaimed: the node is close to killing.",
      "Give the pods without a memory limit one, the largest first, as the message names it; then lower limits, or raise requests so that fewer pods share the node."),
  PressureIo(
      Area.PRESSURE,
      "I/O pressure is above the threshold.",
      "Tasks wait for disks; daemons such as etcd and the container runtime suffer first.",
      "Move the busiest pods to disks of their own."),
  PressureUnavailable(
      Area.PRESSURE,
      "The node gives no pressure figures.",
      "Whether it is under pressure is not known, and it is not counted as calm.",
      "PsiOff and PsiAbsent: boot the kernel with psi=1, on cgroup v2, and use Kubernetes 1.34 or later. Any other reason: mend what keeps the kubelet from answering; it must authorise nodes/stats.");

  /// The part of a policy that a check belongs to.
  public enum Area {
    NAMESPACES,
    WORKLOADS,
    NODES,
    PRESSURE
  }

  private final Area area;
  private final String meaning;
  private final String reason;
  private final String advice;

  Check(Area area, String meaning, String reason, String advice) {
    this.area = area;
    this.meaning = meaning;
    this.reason = reason;
    this.advice = advice;
  }

  public Area area() {
    return area;
  }

  /// What a finding of this check means, in a sentence.
  public String meaning() {
    return meaning;
  }

  /// Why it matters.
  public String reason() {
    return reason;
  }

  /// What to do about a finding.
  public String advice() {
    return advice;
  }
}
