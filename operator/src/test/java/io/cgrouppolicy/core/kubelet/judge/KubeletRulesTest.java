package io.cgrouppolicy.core.kubelet.judge;

import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.NODE;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.judge;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.summary;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.NodeFacts;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Specs;
import io.cgrouppolicy.core.kubelet.judge.NodeJudgement.State;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Tests each rule with tables: see [JudgeFixture#table]. [OtherFieldsRuleTest] has those of any
/// other field.
class KubeletRulesTest {
  @TestFactory
  Stream<DynamicTest> podPidsLimit() {
    return table(
        "KubeletPodPidsLimit",
        """
        {podPidsLimit: 4096} | {podPidsLimit: 4096} |
        {podPidsLimit: 4096} | {podPidsLimit: 1}    |
        {podPidsLimit: 4096} | {podPidsLimit: 4097} | violated
        {podPidsLimit: 4096} | {podPidsLimit: -1}   | violated
        {podPidsLimit: 4096} | {podPidsLimit: 0}    | violated
        {podPidsLimit: 4096} | {podPidsLimit: null} | violated
        {podPidsLimit: 4096} | {}                   | violated
        {config: {}}         | {podPidsLimit: -1}   |
        """);
  }

  @TestFactory
  Stream<DynamicTest> enforceNodeAllocatable() {
    return table(
        "KubeletEnforceNodeAllocatable",
        """
        {enforceNodeAllocatable: [pods]}                         | {enforceNodeAllocatable: [pods]} |
        {enforceNodeAllocatable: [pods]}                         | {} | violated
        {enforceNodeAllocatable: [pods]}                         | {enforceNodeAllocatable: [none]} | violated
        {enforceNodeAllocatable: [pods]}                         | {enforceNodeAllocatable: []} | violated
        {enforceNodeAllocatable: []}                             | {enforceNodeAllocatable: [none]} |
        {enforceNodeAllocatable: [kube-reserved, pods]}          | {enforceNodeAllocatable: [pods, system-reserved, kube-reserved]} |
        {enforceNodeAllocatable: [pods, system-reserved]}        | {} | violated
        {enforceNodeAllocatable: [system-reserved]}              | {enforceNodeAllocatable: [pods, system-reserved-compressible]} | violated
        {enforceNodeAllocatable: [system-reserved-compressible]} | {enforceNodeAllocatable: [pods, system-reserved]} |
        {enforceNodeAllocatable: [system-reserved-compressible]} | {enforceNodeAllocatable: [system-reserved-compressible]} |
        {enforceNodeAllocatable: [system-reserved-compressible]} | {enforceNodeAllocatable: [kube-reserved]} | violated
        {enforceNodeAllocatable: [none]}                         | {enforceNodeAllocatable: [none]} |
        {enforceNodeAllocatable: [none]}                         | {} |
        {enforceNodeAllocatable: [system-reserved]}              | {reservedSystemCPUs: 0-1} | not applicable ReservedSystemCPUs
        {enforceNodeAllocatable: [pods]}                         | {reservedSystemCPUs: 0-1, enforceNodeAllocatable: [none]} | violated
        {enforceNodeAllocatable: [kube-reserved]}                | {} | not applicable OpenShift | openshift
        {enforceNodeAllocatable: [kube-reserved-compressible]}   | {} | not applicable OpenShift | openshift
        {enforceNodeAllocatable: [kube-reserved]}                | {enforceNodeAllocatable: [kube-reserved], cgroupDriver: systemd, kubeReservedCgroup: /kube} |
        {enforceNodeAllocatable: [kube-reserved]}                | {enforceNodeAllocatable: [kube-reserved], cgroupDriver: systemd, kubeReservedCgroup: /kube, kubeletCgroups: /kube.slice} |
        {enforceNodeAllocatable: [kube-reserved]}                | {enforceNodeAllocatable: [kube-reserved], cgroupDriver: systemd, kubeReservedCgroup: /kube.slice, kubeletCgroups: /kube.slice/kubelet.service} |
        {enforceNodeAllocatable: [kube-reserved]}                | {enforceNodeAllocatable: [kube-reserved], cgroupDriver: systemd, kubeReservedCgroup: /kube.slice, kubeletCgroups: /kube.slice-2} | violated
        {enforceNodeAllocatable: [kube-reserved]}                | {enforceNodeAllocatable: [kube-reserved], cgroupDriver: systemd, kubeReservedCgroup: /kube.slice, kubeletCgroups: /system.slice/kubelet.service} | violated
        {enforceNodeAllocatable: [pods]}                         | {enforceNodeAllocatable: [pods], kubeReservedCgroup: /kube.slice, kubeletCgroups: /system.slice/kubelet.service} |
        {enforceNodeAllocatable: [kube-reserved]}                | {enforceNodeAllocatable: [kube-reserved]} | | openshift
        {enforceNodeAllocatable: [system-reserved]}              | {enforceNodeAllocatable: [pods, system-reserved-compressible]} | violated | openshift
        """);
  }

  @Test
  void theWeakerLevelIsNamed() {
    var finding =
        judge(
                NODE,
                "{enforceNodeAllocatable: [system-reserved]}",
                "{enforceNodeAllocatable: [pods, system-reserved-compressible]}")
            .findings()
            .getFirst();
    assertThat(finding.expected()).isEqualTo("system-reserved");
    assertThat(finding.actual()).isEqualTo("system-reserved-compressible");
    assertThat(finding.message()).contains("only system-reserved-compressible is enforced");
  }

  @TestFactory
  Stream<DynamicTest> systemReserved() {
    return table(
        "KubeletSystemReserved",
        """
        {systemReserved: {cpu: 500m}}                | {systemReserved: {cpu: "0.5"}} |
        {systemReserved: {memory: 1Gi}}              | {systemReserved: {memory: 1024Mi}} |
        {systemReserved: {memory: 1Gi}}              | {systemReserved: {memory: 8Gi, cpu: "4"}} |
        {systemReserved: {memory: 1Gi}}              | {systemReserved: {memory: 1G}} | violated
        {systemReserved: {memory: 1Gi}}              | {systemReserved: {cpu: "4"}} | violated
        {systemReserved: {memory: 1Gi}}              | {} | violated
        {systemReserved: {memory: "0"}}              | {} |
        {systemReserved: {}}                         | {} |
        {systemReserved: {}}                         | {systemReserved: {memory: 1Gi}} |
        {systemReserved: {pid: 1k}}                  | {systemReserved: {pid: "1000"}} |
        {systemReservedCgroup: /system.slice}        | {systemReservedCgroup: /system.slice} |
        {systemReservedCgroup: /system.slice}        | {systemReservedCgroup: system.slice, cgroupDriver: systemd} |
        {systemReservedCgroup: /system.slice}        | {systemReservedCgroup: /system.slice/} |
        {systemReservedCgroup: /a.slice/a-b.slice}   | {systemReservedCgroup: /a-b.slice, cgroupDriver: systemd} |
        {systemReservedCgroup: /a.slice/a-b.slice}   | {systemReservedCgroup: /a-b.slice, cgroupDriver: cgroupfs} | violated
        {systemReservedCgroup: /system.slice}        | {systemReservedCgroup: /sys.slice} | violated
        {systemReservedCgroup: /system.slice}        | {} | violated
        {systemReservedCgroup: /system.slice}        | {reservedSystemCPUs: "0"} | not applicable ReservedSystemCPUs
        {systemReserved: {cpu: "2"}}                 | {reservedSystemCPUs: "0-1"} |
        {systemReserved: {cpu: "2"}}                 | {reservedSystemCPUs: "0", systemReserved: {cpu: "8"}} | violated
        {systemReserved: {cpu: 500m}}                | {} | violated | openshift
        """);
  }

  @TestFactory
  Stream<DynamicTest> kubeReserved() {
    return table(
        "KubeletKubeReserved",
        """
        {kubeReserved: {memory: 1Gi}}          | {kubeReserved: {memory: 1Gi}} |
        {kubeReserved: {memory: 1Gi}}          | {systemReserved: {memory: 1Gi}} | violated
        {kubeReservedCgroup: /runtime.slice}   | {kubeReservedCgroup: /runtime.slice} |
        {kubeReservedCgroup: /runtime.slice}   | {systemReservedCgroup: /runtime.slice} | violated
        {kubeReservedCgroup: /runtime.slice}   | {reservedSystemCPUs: "0"} | not applicable ReservedSystemCPUs
        {kubeReserved: {cpu: 1}}               | {reservedSystemCPUs: "0", kubeReserved: {cpu: "4"}} | not applicable ReservedSystemCPUs
        {kubeReserved: {memory: 1Gi}}          | {reservedSystemCPUs: "0"} | violated
        {kubeReserved: {memory: 1Gi, cpu: 1}, kubeReservedCgroup: /x} | {} | not applicable OpenShift | openshift
        {kubeReserved: {memory: 1Gi}}          | {kubeReserved: {memory: 1Gi}} | | openshift
        """);
  }

  @TestFactory
  Stream<DynamicTest> cgroupDriver() {
    return Stream.of(
            // version, runtime, in force, outcome
            "v1.36.3 containerd://2.2.0 {cgroupDriver: systemd}",
            "v1.36.3 containerd://2.2.0 {cgroupDriver: cgroupfs} violated",
            "v1.36.3 containerd://2.2.0 {} violated",
            "v1.35.0 containerd://2.2.0 {cgroupDriver: cgroupfs} violated",
            "v1.34.2 containerd://2.2.0 {cgroupDriver: cgroupfs} unknown CgroupDriverNotReported",
            "v1.34.2 containerd://2.2.0 {cgroupDriver: systemd} unknown CgroupDriverNotReported",
            "v1.31.0 cri-o://1.31.0 {cgroupDriver: cgroupfs} unknown CgroupDriverNotReported",
            "v1.31.0 cri-o://1.27.1 {cgroupDriver: cgroupfs} violated",
            "v1.33.1-eks-1a containerd://1.7.27 {cgroupDriver: cgroupfs} violated",
            "v1.33.1-eks-1a containerd://1.7.27 {cgroupDriver: systemd}",
            "v1.30.0 containerd://2.0.0 {cgroupDriver: cgroupfs} violated",
            "v1.30.0 containerd://2.0.0 {cgroupDriver: cgroupfs, featureGates: {KubeletCgroupDriverFromCRI: true}}"
                + " unknown CgroupDriverNotReported",
            "v1.33.0 containerd://2.0.0 {cgroupDriver: systemd, featureGates: {KubeletCgroupDriverFromCRI: false}}",
            "v1.27.0 containerd://2.0.0 {cgroupDriver: systemd}",
            "dev containerd://2.0.0 {cgroupDriver: systemd} unknown CgroupDriverNotReported")
        .map(
            line -> {
              var words = line.split(" ", 3);
              int end = words[2].lastIndexOf('}') + 1;
              var outcome = words[2].substring(end).strip();
              return DynamicTest.dynamicTest(
                  line,
                  () ->
                      assertThat(
                              summary(
                                  judge(
                                      JudgeFixture.node(
                                          n ->
                                              n.withKubeletVersion(words[0]).withRuntime(words[1])),
                                      "{cgroupDriver: systemd}",
                                      words[2].substring(0, end))))
                          .isEqualTo(
                              outcome.isEmpty()
                                  ? List.of()
                                  : List.of("KubeletCgroupDriver " + outcome)));
            });
  }

  @TestFactory
  Stream<DynamicTest> cgroupVersion() {
    record Case(String asked, String version, String inForce, String outcome) {}
    return Stream.of(
            new Case("V2", "v1.36.0", "{failCgroupV1: true}", ""),
            new Case("V2", "v1.36.0", "{}", ""),
            new Case("V2", "v1.35.0", "{}", ""),
            new Case("V2", "v1.34.0", "{}", "unknown CgroupVersionNotReported"),
            new Case("V2", "v1.32.0", "{failCgroupV1: true}", ""),
            new Case("V2", "v1.36.0", "{failCgroupV1: false}", "unknown CgroupVersionNotReported"),
            new Case("V1", "v1.36.0", "{}", "violated"),
            new Case("V2", "dev", "{}", "unknown CgroupVersionNotReported"))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.toString(),
                    () ->
                        assertThat(
                                summary(
                                    KubeletJudge.judge(
                                        Specs.nodes("{cgroupVersion: " + c.asked() + "}"),
                                        JudgeFixture.node(n -> n.withKubeletVersion(c.version())),
                                        new Usable<>(Specs.config(c.inForce())),
                                        Platform.UPSTREAM)))
                            .isEqualTo(
                                c.outcome().isEmpty()
                                    ? List.of()
                                    : List.of("CgroupVersion " + c.outcome()))));
  }

  private static final NodeFacts M5_LARGE =
      new NodeFacts(
          "m5.large",
          "v1.36.3",
          "containerd://2.2.0",
          true,
          false,
          Map.of("cpu", new Quantity("2"), "memory", new Quantity("7934532Ki")),
          Map.of(),
          null);

  /// As compared with the kubelet's own maxPods.
  @Test
  void aFormulaIsEvaluatedForTheNodeAndTheFigureIsShown() {
    var eks = "{kubeReservedFormula: {preset: EKS, resources: {ephemeral-storage: {base: 1Gi}}}}";
    var judgement =
        judge(
            M5_LARGE,
            eks,
            "{maxPods: 29, kubeReserved: {cpu: 70m, memory: 500Mi, ephemeral-storage: 1Gi}}");
    assertThat(judgement.findings())
        .containsExactly(
            Finding.of(
                Check.KubeletKubeReserved,
                "memory >= 574Mi",
                "memory 500Mi",
                "kubeReserved.memory is 500Mi, but the policy requires at least 574Mi, computed for"
                    + " 2 CPUs, 7934532Ki of memory, maxPods 29"));
    assertThat(
            judge(
                    M5_LARGE,
                    eks,
                    "{maxPods: 29, kubeReserved: {cpu: 70m, memory: 574Mi, ephemeral-storage: 1Gi}}")
                .state())
        .isEqualTo(State.COMPLIANT);
    assertThat(
            judge(
                    M5_LARGE,
                    "{systemReserved: {memory: 2Gi}, systemReservedFormula: {resources: {memory:"
                        + " {percent: 10}}}}",
                    "{systemReserved: {memory: 1Gi}}")
                .findings())
        .as("the larger of both")
        .extracting(Finding::message)
        .containsExactly("systemReserved.memory is 1Gi, but the policy requires at least 2Gi");
    assertThat(summary(judge(NODE, "{kubeReservedFormula: {preset: GKE}}", "{}")))
        .as("the node has not reported its capacity")
        .containsExactly(
            "KubeletKubeReserved unknown CapacityUnknown",
            "KubeletKubeReserved unknown CapacityUnknown");
  }
}
