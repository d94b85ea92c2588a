package io.cgrouppolicy.core.kubelet.remedy;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.api.v1alpha1.NodesSpec.KubeletSpec;
import io.cgrouppolicy.core.check.NameList;
import io.cgrouppolicy.core.check.Problem;
import io.cgrouppolicy.core.kubelet.KubeletFields;
import io.cgrouppolicy.core.kubelet.KubeletFields.Field;
import io.cgrouppolicy.core.kubelet.judge.AllocatableRules;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Renders the README of a remedy.
final class RemedyReadme {
  /// Who runs in a reserved cgroup.
  enum Daemons {
    KUBE(
        "Kubernetes daemons (kube-reserved)",
        "kubelet and the container runtime (containerd or crio)"),
    SYSTEM("System daemons (system-reserved)", "system daemons, such as sshd and systemd-journald");

    private final String description;
    private final String units;

    Daemons(String description, String units) {
      this.description = description;
      this.units = units;
    }

    String description() {
      return description;
    }

    String units() {
      return units;
    }
  }

  private RemedyReadme() {}

  static String upstream(
      String policy,
      KubeletSpec spec,
      List<Problem> problems,
      Map<String, Daemons> units,
      List<SizedDropIn> sized,
      JsonNode dropIn) {
    var text = new StringBuilder(head(policy, problems));
    text.append(
        """
        Files

        - 90-cgroup-policy.conf goes into the directory that the kubelet's --config-dir names, often
          /etc/kubernetes/kubelet.conf.d. Its name must end in .conf; files there are merged over the
          kubelet's configuration in the order of their names, and flags win over all of them.
        """);
    text.append(
        lostThresholds(
            dropIn,
            """
              The drop-in leaves the eviction thresholds of other signals as they are. Do not move its
              evictionHard into the kubelet's configuration file: these defaults would then be gone:
            """));
    sized.stream()
        .limit(KubeletRemedy.MAX_SIZES)
        .forEach(
            size ->
                text.append(
                    "- %s has the reservations for nodes of this size, and goes into the same\n"
                            .formatted(size.file())
                        + "  directory of: "
                        + NameList.of(size.nodes())
                        + "\n"));
    if (sized.size() > KubeletRemedy.MAX_SIZES) {
      text.append(
          "- Nodes of %d more sizes need other reservations; violations show the amounts.\n"
              .formatted(sized.size() - KubeletRemedy.MAX_SIZES));
    }
    units.forEach(
        (unit, daemons) ->
            text.append(
                """
                - %1$s goes into /etc/systemd/system. A kubelet that enforces the reservation
                  stops without it:
                    systemctl daemon-reload && systemctl enable --now %1$s
                  Its limits apply only to what runs in it. Add a drop-in with "Slice=%1$s" to the units
                  of the %2$s:
                    mkdir -p /etc/systemd/system/UNIT.service.d
                    printf '[Service]\\nSlice=%1$s\\n' > /etc/systemd/system/UNIT.service.d/90-slice.conf
                """
                    .formatted(unit, daemons.units())));
    text.append(
        """

        Steps, on one node after another

            kubectl drain NODE --ignore-daemonsets --delete-emptydir-data
            (put the files in place)
            systemctl reboot
            kubectl uncordon NODE    # once it is Ready

        A restart of the kubelet is not enough: the pods that a drain leaves on the node, those of
        DaemonSets and static pods, keep their old PID limit%s.

        """
            .formatted(
                units.isEmpty()
                    ? ""
                    : ", and the container runtime stays in its old\n"
                        + "slice because their shims are there"));
    if (spec.enforceNodeAllocatable() != null) {
      var levels = spec.enforceNodeAllocatable().stream().map(AllocatableRules::name).toList();
      text.append(order(levels));
    }
    return text.toString();
  }

  static String openShift(String policy, List<Problem> problems, JsonNode config) {
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
        + lostThresholds(
            config,
            """
            Its evictionHard becomes part of the kubelet's configuration file, where it switches off the
            default thresholds of all other signals. To keep these, add them to the policy's evictionHard:
            """)
        + "\n"
        + advice();
  }

  /// The default thresholds that a configuration file with this evictionHard switches off, after a
  /// remark; empty if there are none. A drop-in is merged over the configuration file, whose
  /// defaults are already set (`loadConfigFile` and `mergeKubeletConfigurations` of v1.36).
  private static String lostThresholds(JsonNode json, String remark) {
    var set = json.path("evictionHard");
    if (set.isEmpty() || json.path("mergeDefaultEvictionSettings").asBoolean()) {
      return "";
    }
    var lost =
        KubeletFields.find("evictionHard")
            .flatMap(Field::byDefault)
            .orElseThrow()
            .properties()
            .stream()
            .filter(signal -> !set.has(signal.getKey()))
            .map(signal -> "    " + signal.getKey() + ": " + signal.getValue().asText() + "\n")
            .collect(Collectors.joining());
    return lost.isEmpty() ? "" : remark + lost;
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
