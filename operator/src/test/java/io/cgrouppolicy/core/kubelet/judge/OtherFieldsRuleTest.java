package io.cgrouppolicy.core.kubelet.judge;

import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.NODE;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.judge;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.summary;
import static io.cgrouppolicy.core.kubelet.judge.JudgeFixture.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.kubelet.Answer.Usable;
import io.cgrouppolicy.core.kubelet.Platform;
import io.cgrouppolicy.core.kubelet.Specs;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Tests `spec.nodes.kubelet.config` and `configBounds` with tables: see [JudgeFixture#table].
class OtherFieldsRuleTest {
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
}
