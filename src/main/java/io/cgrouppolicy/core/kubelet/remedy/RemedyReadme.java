package io.cgrouppolicy.core.kubelet.remedy;

import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.kubelet.judge.AllocatableRules;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// The text that goes with a remedy.
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
          - %1$s goes into /etc/systemd/system, before the kubelet is restarted:
              systemctl daemon-reload && systemctl enable --now %1$s
            Limits bind only what runs in it. The daemons that it is for need "Slice=%1$s" in their
            units, and a restart.
          """
              .formatted(unit));
    }
    text.append(
        """

        The kubelet must be restarted to read them. What runs already keeps its limits: a pod has a new
        PID limit once it is created anew, so drain the node first.

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
          the pool "worker"; change that to the pool of the nodes that the policy selects. The nodes of
          the pool are drained and rebooted one after another.

        It has only what the Machine Config Operator accepts: no cgroupDriver and no featureGates, for
        example. kube-reserved is left out, as OpenShift counts it in system-reserved. CPU, memory and
        ephemeral storage of systemReserved become flags of the kubelet.

        """
        + advice();
  }

  private static String head(String policy, List<Problem> problems) {
    var head =
        """
        What makes the nodes that CgroupPolicy %s selects comply. The operator applies none of this.

        """
            .formatted(policy);
    if (problems.isEmpty()) {
      return head;
    }
    return head
        + "DO NOT ROLL THIS OUT. What the policy asks is unsafe:\n\n"
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

            One step at a time, on a few nodes first, each for as long as it takes to see a busy day.

            """)
        .append(advice())
        .toString();
  }

  /// As Kubernetes advises (Reserve Compute Resources for System Daemons, General Guidelines).
  private static String advice() {
    return """
        Enforced limits can starve the daemons of a node: sshd, journald, the container runtime or the
        kubelet itself, which then takes all its pods along. Enforce pods first, kube-reserved once the
        usage of the kubelet and the runtime was measured, and system-reserved only where nodes were
        profiled exhaustively and somebody can recover a node whose daemons are killed. The -compressible
        levels limit CPU only and kill nothing.
        """;
  }
}
