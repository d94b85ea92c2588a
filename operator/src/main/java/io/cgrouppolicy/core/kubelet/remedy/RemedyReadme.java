package io.cgrouppolicy.core.kubelet.remedy;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.kubelet.judge.AllocatableRules;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// Renders the README of a remedy.
final class RemedyReadme {
  private RemedyReadme() {}

  static String upstream(
      String policy, KubeletSpec spec, List<Problem> problems, Collection<String> units) {
    var text = new StringBuilder(head(policy, problems));
    text.append(
        """
        Files

        - 90-cgroup-policy.conf goes into the directory that the kubelet's --config-dir names, often
          /etc/kubernetes/kubelet.conf.d. Its name must end in .conf; files there are merged over the
          kubelet's configuration in the order of their names, and flags win over all of them.
        """);
    for (var unit : units) {
      text.append(
          """
          - %1$s goes into /etc/systemd/system before you restart the kubelet:
              systemctl daemon-reload && systemctl enable --now %1$s
            Its limits apply only to what runs in it. Add "Slice=%1$s" to the units of the daemons and
            restart them.
          """
              .formatted(unit));
    }
    text.append(
        """

        Restart the kubelet to apply them. Running pods keep their limits: a pod gets a new PID limit
        only when it is recreated, so drain the node first.

        """);
    if (spec.enforceNodeAllocatable() != null) {
      var levels = spec.enforceNodeAllocatable().stream().map(AllocatableRules::name).toList();
      text.append(order(levels));
    }
    return text.toString();
  }

  static String openShift(String policy, List<Problem> problems) {
    return head(policy, problems)
        + """
        Files

        - kubeletconfig.yaml is for the Machine Config Operator: oc apply -f kubeletconfig.yaml. It selects
          the pool "worker"; change that to the pool of the nodes that the policy selects. The operator
          drains and reboots the nodes of the pool one after another.

        It contains only what the Machine Config Operator accepts: no cgroupDriver and no featureGates, for
        example. It omits kube-reserved, because OpenShift counts it in system-reserved. CPU, memory and
        ephemeral storage of systemReserved become flags of the kubelet.

        """
        + advice();
  }

  private static String head(String policy, List<Problem> problems) {
    var head =
        """
        Files that make the nodes selected by CgroupPolicy %s comply. CgroupPolicy does not apply them.

        """
            .formatted(policy);
    if (problems.isEmpty()) {
      return head;
    }
    return head
        + "DO NOT ROLL THIS OUT. The policy's settings are unsafe:\n\n"
        + problems.stream().map(problem -> "- " + problem + "\n").collect(Collectors.joining())
        + "\n";
  }

  private static String order(List<String> levels) {
    var text = new StringBuilder("Order\n\n");
    int step = 1;
    for (var reached : KubeletRemedy.steps(levels)) {
      text.append(step++)
          .append(". enforceNodeAllocatable: [")
          .append(String.join(", ", reached))
          .append("]\n");
    }
    return text.append(
            """

            Take one step at a time, on a few nodes first, each long enough to see a busy day.

            """)
        .append(advice())
        .toString();
  }

  /// The advice of the Kubernetes documentation (Reserve Compute Resources for System Daemons,
  /// General Guidelines).
  private static String advice() {
    return """
        Enforced limits can starve the daemons of a node: sshd, journald, the container runtime or the
        kubelet itself, which then takes down all its pods. Enforce pods first, kube-reserved once you have
        measured the usage of the kubelet and the runtime, and system-reserved only on exhaustively profiled
        nodes, if you can recover a node whose daemons are killed. The -compressible levels limit CPU only
        and kill nothing.
        """;
  }
}
