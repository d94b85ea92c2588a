package io.cgrouppolicy.core.kubelet.judge;

import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.NODE;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.judge;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.summary;
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

/// Tests each rule with tables of required settings, settings in force, and the outcome (empty if
/// compliant). Further words in a row change the node or the platform.
class KubeletRulesTest {

  private static Stream<DynamicTest> table(String check, String table) {
    return table
        .lines()
        .map(
            line -> {
              var cells = Stream.of(line.split("\\|", -1)).map(String::strip).toList();
              var expected =
                  cells.get(2).isEmpty() ? List.of() : List.of(check + " " + cells.get(2));
              var platform = cells.contains("openshift") ? Platform.OPENSHIFT : Platform.UPSTREAM;
              return DynamicTest.dynamicTest(
                  line,
                  () ->
                      assertThat(summary(judge(NODE, cells.get(0), cells.get(1), platform)))
                          .isEqualTo(expected));
            });
  }

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

  @TestFactory
  Stream<DynamicTest> otherFields() {
    return table(
        "KubeletConfig",
        """
        {config: {maxPods: 110}}                         | {maxPods: 110} |
        {config: {maxPods: 110}}                         | {maxPods: 250} | violated
        {config: {maxPods: 110}}                         | {} | violated
        {config: {maxPods: 110}}                         | {maxPods: "110"} | violated
        {config: {syncFrequency: 60s}}                   | {syncFrequency: 1m0s} |
        {config: {syncFrequency: 61s}}                   | {syncFrequency: 1m0s} | violated
        {config: {containerLogMaxSize: 10240Ki}}         | {containerLogMaxSize: 10Mi} |
        {config: {containerLogMaxSize: 10M}}             | {containerLogMaxSize: 10Mi} | violated
        {config: {memoryThrottlingFactor: 0.90}}         | {memoryThrottlingFactor: 0.9} |
        {config: {evictionHard: {memory.available: 0.5Gi}}} | {evictionHard: {memory.available: 512Mi, pid.available: 5%}} |
        {config: {evictionHard: {nodefs.available: 10.0%}}} | {evictionHard: {nodefs.available: 10%}} |
        {config: {evictionHard: {nodefs.available: 10%}}} | {evictionHard: {nodefs.available: "10"}} | violated
        {config: {evictionHard: {pid.available: 5%}}}    | {evictionHard: {memory.available: 100Mi}} | violated
        {config: {evictionSoftGracePeriod: {memory.available: 90s}}} | {evictionSoftGracePeriod: {memory.available: 1m30s}} |
        {config: {authentication: {anonymous: {enabled: false}}}} | {authentication: {anonymous: {enabled: false}, webhook: {enabled: true}}} |
        {config: {authentication: {anonymous: {enabled: false}}}} | {authentication: {anonymous: {enabled: true}}} | violated
        {config: {authentication: {anonymous: {enabled: false}}}} | {} | violated
        {config: {protectKernelDefaults: false}}         | {} |
        {config: {protectKernelDefaults: true}}          | {} | violated
        {config: {readOnlyPort: 0}}                      | {} |
        {config: {singleProcessOOMKill: false}}          | {} |
        {config: {singleProcessOOMKill: true}}           | {} | violated
        {config: {singleProcessOOMKill: false}}          | {failCgroupV1: false} | unknown DefaultNotReported
        {config: {memorySwap: {swapBehavior: NoSwap}, singleProcessOOMKill: false, tlsMinVersion: VersionTLS12}} | {memorySwap: {}} |
        {config: {memorySwap: {swapBehavior: LimitedSwap}}} | {memorySwap: {}} | violated
        {config: {memorySwap: {swapBehavior: NoSwap}}}   | {memorySwap: {swapBehavior: LimitedSwap}} | violated
        {config: {tlsMinVersion: VersionTLS13}}          | {} | violated
        {config: {crashLoopBackOff: {maxContainerRestartPeriod: 300s}}} | {} |
        {config: {userNamespaces: {idsPerPod: 65536}}}   | {} |
        {config: {featureGates: {MemoryQoS: false}}}     | {} |
        {config: {featureGates: {MemoryQoS: true}}}      | {} | violated
        {config: {featureGates: {MemoryQoS: false}}}     | {featureGates: {AllAlpha: true}} | unknown FeatureGateNotReported
        {config: {allowedUnsafeSysctls: []}}             | {} |
        {config: {imageMaximumGCAge: 0s}}                | {} |
        {config: {reservedSystemCPUs: "0-2"}}            | {reservedSystemCPUs: "0,1,2"} |
        {config: {reservedSystemCPUs: "0-2"}}            | {reservedSystemCPUs: "0,1"} | violated
        {config: {tlsCipherSuites: [A, B]}}              | {tlsCipherSuites: [B, A]} |
        {config: {tlsCipherSuites: [A, B]}}              | {tlsCipherSuites: [B, A, C]} | violated
        {config: {tlsCipherSuites: [A, A]}}              | {tlsCipherSuites: [A, B]} | violated
        {config: {clusterDNS: [10.0.0.1, 10.0.0.2]}}     | {clusterDNS: [10.0.0.2, 10.0.0.1]} | violated
        {config: {clusterDNS: [10.0.0.1, 10.0.0.2]}}     | {clusterDNS: [10.0.0.1, 10.0.0.2]} |
        {config: {reservedMemory: [{numaNode: 0, limits: {memory: 1Gi}}]}} | {reservedMemory: [{numaNode: 0, limits: {memory: 1024Mi}}]} |
        {config: {reservedMemory: [{numaNode: 0, limits: {memory: 1Gi}}]}} | {reservedMemory: [{numaNode: 1, limits: {memory: 1Gi}}]} | violated
        {config: {registerWithTaints: [{key: a, effect: NoSchedule}]}} | {registerWithTaints: [{key: a, effect: NoSchedule, value: ""}]} |
        {config: {registerWithTaints: [{key: a, effect: NoSchedule}]}} | {registerWithTaints: [{key: a, effect: NoSchedule, value: b}]} | violated
        {config: {showHiddenMetricsForVersion: "1.3"}}   | {showHiddenMetricsForVersion: "1.30"} | violated
        {config: {featureGates: {A: true}}}              | {featureGates: {A: true}} |
        {config: {featureGates: {A: true}}}              | {featureGates: {A: false}} | violated
        {config: {featureGates: {A: false}}}             | {} | unknown FeatureGateNotReported
        {config: {fieldOfTheFuture: 1m}}                 | {fieldOfTheFuture: 60s} |
        {config: {fieldOfTheFuture: 1m}}                 | {fieldOfTheFuture: 61s} | violated
        {config: {podPidLimit: 4096}}                    | {podPidsLimit: 4096} | violated
        {config: {maxPods: null}}                        | {} |
        {config: [maxPods]}                              | {} | unknown InvalidConfig
        """);
  }

  /// kubernetes/kubernetes#122745, kubernetes/kubernetes#126096, gardener/gardener#13966.
  @Test
  void aKubeletWithDefaultsHasThem() {
    var answer = new Usable<>(Specs.parse(Specs.recorded("configz-defaults.json")));
    var spec =
        "{kubelet: {config: {memorySwap: {swapBehavior: NoSwap}, singleProcessOOMKill: false,"
            + " tlsMinVersion: VersionTLS12}}}";
    assertThat(KubeletJudge.judge(Specs.nodes(spec), NODE, answer, Platform.UPSTREAM).state())
        .isEqualTo(NodeJudgement.State.COMPLIANT);
    var old = JudgeFixture.node(n -> n.withKubeletVersion("v1.29.4"));
    assertThat(summary(KubeletJudge.judge(Specs.nodes(spec), old, answer, Platform.UPSTREAM)))
        .containsExactly("KubeletConfig unknown DefaultNotReported");
  }

  @TestFactory
  Stream<DynamicTest> bounds() {
    return table(
        "KubeletConfig",
        """
        {configBounds: [{field: maxPods, atMost: 250}]} | {maxPods: 110} |
        {configBounds: [{field: maxPods, atMost: 250}]} | {maxPods: 250} |
        {configBounds: [{field: maxPods, atMost: 250}]} | {maxPods: 251} | violated
        {configBounds: [{field: maxPods, atLeast: 50, atMost: 250}]} | {maxPods: 30} | violated
        {configBounds: [{field: evictionHard.memory.available, atLeast: 50Mi}]} | {evictionHard: {memory.available: 100Mi}} |
        {configBounds: [{field: evictionHard.memory.available, atLeast: 50Mi}]} | {evictionHard: {memory.available: 40Mi}} | violated
        {configBounds: [{field: evictionHard.memory.available, atLeast: 5%}]} | {evictionHard: {memory.available: 10%}} |
        {configBounds: [{field: evictionHard.memory.available, atLeast: 5%}]} | {evictionHard: {memory.available: 4.9%}} | violated
        {configBounds: [{field: evictionHard.memory.available, atLeast: 5%}]} | {evictionHard: {memory.available: 100%}} | violated
        {configBounds: [{field: evictionHard.memory.available, atLeast: 5%}]} | {} | violated
        {configBounds: [{field: evictionHard.memory.available, atMost: 5%}]} | {} |
        {configBounds: [{field: evictionHard.memory.available, atLeast: 5%}]} | {evictionHard: {memory.available: 1Gi}} | unknown CapacityUnknown
        {configBounds: [{field: evictionHard.pid.available, atLeast: 5%}]} | {evictionHard: {pid.available: 1k}} | unknown CapacityUnknown
        {configBounds: [{field: syncFrequency, atMost: 2m}]} | {syncFrequency: 1m0s} |
        {configBounds: [{field: syncFrequency, atMost: 59s}]} | {syncFrequency: 1m0s} | violated
        {configBounds: [{field: containerLogMaxSize, atMost: 0.01Gi}]} | {containerLogMaxSize: 10Mi} |
        {configBounds: [{field: containerLogMaxSize, atMost: 10M}]} | {containerLogMaxSize: 10Mi} | violated
        {configBounds: [{field: memoryThrottlingFactor, atLeast: "0.8"}]} | {memoryThrottlingFactor: 0.9} |
        {configBounds: [{field: podsPerCore, atMost: 10}]} | {} | violated
        {configBounds: [{field: podsPerCore, atLeast: 10}]} | {} |
        {configBounds: [{field: cpuManagerPolicy, oneOf: [none, static]}]} | {cpuManagerPolicy: static} |
        {configBounds: [{field: cpuManagerPolicy, oneOf: [static]}]} | {cpuManagerPolicy: none} | violated
        {configBounds: [{field: maxPods, oneOf: [110, 250]}]} | {maxPods: 250} |
        {configBounds: [{field: memorySwap.swapBehavior, oneOf: [NoSwap]}]} | {memorySwap: {}} |
        {configBounds: [{field: tlsMinVersion, oneOf: [VersionTLS13]}]} | {} | violated
        {configBounds: [{field: cpuManagerPolicy, atLeast: none}]} | {cpuManagerPolicy: none} | unknown InvalidConfig
        """);
  }

  @Test
  void percentagesAndQuantitiesCompareByTheCapacityOfTheNode() {
    var spec = "{configBounds: [{field: evictionHard.memory.available, atLeast: 5%}]}";
    var node = JudgeFixture.node(Map.of("memory", new Quantity("4Gi")));
    assertThat(summary(judge(node, spec, "{evictionHard: {memory.available: 205Mi}}"))).isEmpty();
    var finding =
        judge(node, spec, "{evictionHard: {memory.available: 204Mi}}").findings().getFirst();
    assertThat(finding.expected()).isEqualTo("evictionHard.memory.available >= 5%");
    assertThat(finding.actual()).isEqualTo("evictionHard.memory.available = 204Mi");
    assertThat(finding.message())
        .isEqualTo("evictionHard.memory.available is 204Mi, but the policy requires at least 5%");
    assertThat(
            summary(
                judge(
                    node,
                    "{configBounds: [{field: evictionHard.memory.available, atMost: 1Gi}]}",
                    "{evictionHard: {memory.available: 26%}}")))
        .containsExactly("KubeletConfig violated");
  }

  @Test
  void aFieldWithinAFieldIsNamedInFull() {
    var finding =
        judge(
                NODE,
                "{config: {authentication: {anonymous: {enabled: false}}, maxPods: 1}}",
                "{authentication: {anonymous: {enabled: true}}, maxPods: 2}")
            .findings()
            .getFirst();
    assertThat(finding.expected())
        .isEqualTo("authentication.anonymous.enabled = false, maxPods = 1");
    assertThat(finding.message())
        .isEqualTo(
            "authentication.anonymous.enabled is true, but the policy requires false; maxPods is 2, but the policy requires 1");
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
