package io.cgrouppolicy.core.kubelet.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.core.kubelet.Specs;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Tests the linter's messages and their fields. [KubeletOracleGate] tests that the linter
/// rejects exactly what the kubelet rejects.
class KubeletLinterTest {
  private static final Map<String, Quantity> SMALL =
      Map.of(
          "cpu", new Quantity("2"),
          "memory", new Quantity("4Gi"),
          "ephemeral-storage", new Quantity("20Gi"));

  private static List<String> lint(String spec, Optional<Map<String, Quantity>> smallest) {
    return KubeletLinter.lint(Specs.kubelet(spec), smallest).stream()
        .map(Object::toString)
        .toList();
  }

  private static Stream<DynamicTest> table(String table) {
    return table
        .lines()
        .map(
            line -> {
              var cells = Stream.of(line.split(" \\| ?", -1)).map(String::strip).toList();
              return DynamicTest.dynamicTest(
                  line,
                  () -> {
                    var problems = lint(cells.get(0), Optional.of(SMALL));
                    if (cells.get(1).isEmpty()) {
                      assertThat(problems).isEmpty();
                    } else {
                      assertThat(problems)
                          .hasSize(1)
                          .first()
                          .asString()
                          .startsWith("spec.nodes.kubelet." + cells.get(1));
                    }
                  });
            });
  }

  @Test
  void theDesignIsSafeOnASmallNode() {
    assertThat(lint(Specs.DESIGN, Optional.of(SMALL))).isEmpty();
    assertThat(KubeletLinter.lint(null, Optional.empty())).isEmpty();
  }

  @Test
  void theArticlesBlockStopsAKubelet() {
    assertThat(
            lint(
                """
                cgroupDriver: systemd
                enforceNodeAllocatable: [pods, system-reserved, kube-reserved]
                systemReserved: {cpu: 500m, memory: 1Gi}
                kubeReserved: {cpu: 500m, memory: 1Gi}
                podPidsLimit: 4096
                """,
                Optional.empty()))
        .containsExactly(
            "spec.nodes.kubelet.systemReservedCgroup: must be set to enforce system-reserved; the"
                + " kubelet refuses to start",
            "spec.nodes.kubelet.kubeReservedCgroup: must be set to enforce kube-reserved; the"
                + " kubelet refuses to start");
  }

  @TestFactory
  Stream<DynamicTest> levels() {
    return table(
        """
        {enforceNodeAllocatable: [pods]} |
        {enforceNodeAllocatable: [none]} |
        {enforceNodeAllocatable: []} |
        {enforceNodeAllocatable: [pods, pods]} | enforceNodeAllocatable: pods occurs more than once
        {enforceNodeAllocatable: [none, pods]} | enforceNodeAllocatable: none excludes all other levels
        {enforceNodeAllocatable: [kube-reserved, kube-reserved-compressible], kubeReservedCgroup: /k, kubeReserved: {cpu: 1}} | enforceNodeAllocatable: kube-reserved and kube-reserved-compressible exclude each other
        {enforceNodeAllocatable: [system-reserved, system-reserved-compressible], systemReservedCgroup: /k, systemReserved: {cpu: 1}} | enforceNodeAllocatable: system-reserved and system-reserved-compressible exclude each other
        {enforceNodeAllocatable: [system-reserved-compressible], systemReserved: {cpu: 1}} | systemReservedCgroup: must be set
        {enforceNodeAllocatable: [system-reserved], systemReservedCgroup: /system.slice} | systemReserved: must be set
        {enforceNodeAllocatable: [system-reserved], systemReservedCgroup: /system.slice, systemReserved: {}} | systemReserved: must be set
        {enforceNodeAllocatable: [pods], config: {cgroupsPerQOS: false}} | config.cgroupsPerQOS: must be true
        {config: {cgroupsPerQOS: false}} | config.cgroupsPerQOS: must be true
        {enforceNodeAllocatable: [none], config: {cgroupsPerQOS: false}} |
        {systemReservedCgroup: /system.slice, config: {reservedSystemCPUs: 0-1}} | systemReservedCgroup: excludes config.reservedSystemCPUs
        {kubeReservedCgroup: /runtime.slice, config: {reservedSystemCPUs: 0-1}} | kubeReservedCgroup: excludes config.reservedSystemCPUs
        {config: {reservedSystemCPUs: 0-1}} |
        {config: {reservedSystemCPUs: 1-0}} | config.reservedSystemCPUs: '1-0' is not a CPU list
        """);
  }

  private static final String ENFORCED =
      "{enforceNodeAllocatable: [pods, system-reserved, kube-reserved-compressible],"
          + " systemReserved: {cpu: 1m}, kubeReserved: {cpu: 1m}, systemReservedCgroup: /s.slice,"
          + " kubeReservedCgroup: /k.slice}";

  /// The kubelet looks for the cgroups that it enforces, and for no other.
  @TestFactory
  Stream<DynamicTest> reservedCgroups() {
    return """
    {systemReservedCgroup: /system.slice} |
    {kubeReservedCgroup: /podruntime.slice/podruntime-daemons.slice} |
    {systemReservedCgroup: /system/s, kubeReservedCgroup: /system/kube, cgroupDriver: cgroupfs} |
    {systemReservedCgroup: system.slice} | systemReservedCgroup: must be the absolute name
    {systemReservedCgroup: /system.slice/} | systemReservedCgroup: must be the absolute name
    {systemReservedCgroup: /, cgroupDriver: systemd} | systemReservedCgroup: is the root of all cgroups
    {systemReservedCgroup: /system, cgroupDriver: systemd} | systemReservedCgroup: with the systemd driver the kubelet looks for /system.slice
    {kubeReservedCgroup: /my-daemons.slice} | kubeReservedCgroup: with the systemd driver the kubelet looks for /my.slice/my-daemons.slice
    {kubeReservedCgroup: /system.slice/kubelet.service, cgroupDriver: systemd} | kubeReservedCgroup: with the systemd driver the kubelet looks for /kubelet.service.slice
    {kubeReservedCgroup: /-a.slice} | kubeReservedCgroup: no systemd slice can have this name
    {kubeReservedCgroup: /kubepods.slice} | kubeReservedCgroup: is the pods' cgroup
    {systemReservedCgroup: /system.slice, kubeReservedCgroup: /system.slice} | kubeReservedCgroup: is the same as systemReservedCgroup
    """
        .lines()
        .flatMap(
            line -> {
              var cells = line.split(" \\| ?", -1);
              var spec =
                  ((ObjectNode) Specs.json(ENFORCED)).setAll((ObjectNode) Specs.json(cells[0]));
              return Stream.of(table(spec + " | " + cells[1]), table(cells[0] + " | "))
                  .flatMap(cases -> cases);
            });
  }

  /// Node defaults of EKS: awslabs/amazon-eks-ami#1808, bottlerocket-os/bottlerocket#1684.
  @TestFactory
  Stream<DynamicTest> whatCloudImagesSet() {
    return table(
        """
        {cgroupDriver: systemd, enforceNodeAllocatable: [pods], kubeReserved: {cpu: 70m, memory: 574Mi}, kubeReservedCgroup: /runtime} |
        {cgroupDriver: systemd, enforceNodeAllocatable: [pods, kube-reserved], kubeReserved: {cpu: 70m, memory: 574Mi}, kubeReservedCgroup: /runtime} | kubeReservedCgroup: with the systemd driver the kubelet looks for /runtime.slice
        {cgroupDriver: systemd, enforceNodeAllocatable: [pods, kube-reserved-compressible], kubeReserved: {cpu: 70m}, kubeReservedCgroup: /runtime} | kubeReservedCgroup: with the systemd driver the kubelet looks for /runtime.slice
        """);
  }

  @TestFactory
  Stream<DynamicTest> reservations() {
    return table(
        """
        {systemReserved: {cpu: 1, memory: 2Gi}, kubeReserved: {cpu: 1, memory: 1Gi}} |
        {systemReserved: {cpu: 1}, kubeReserved: {cpu: 1001m}} | systemReserved: with kubeReserved and the hard eviction threshold, 2.001 of cpu is reserved and the smallest selected node has 2
        {kubeReserved: {memory: 4000Mi}} | kubeReserved: with
        {kubeReserved: {memory: 3990Mi}} |
        {kubeReserved: {memory: 3Gi}, config: {evictionHard: {memory.available: 2Gi}}} | kubeReserved: with
        {kubeReserved: {memory: 3Gi}, config: {evictionHard: {memory.available: 30%}}} | kubeReserved: with
        {kubeReserved: {memory: 4Gi}, config: {evictionHard: {memory.available: 100%}}} |
        {kubeReserved: {ephemeral-storage: 19Gi}} | kubeReserved: with
        {kubeReserved: {cpu: 4}, config: {reservedSystemCPUs: "0"}} |
        {kubeReserved: {cpu: 1}, config: {reservedSystemCPUs: "0-2"}} | systemReserved: with
        {systemReserved: {hugepages-2Mi: 1Gi}} | systemReserved[hugepages-2Mi]: cannot be reserved
        {systemReserved: {memory: 1 GB}} | systemReserved[memory]: '1 GB' is not a non-negative quantity
        {systemReserved: {memory: "-1"}} | systemReserved[memory]: '-1' is not a non-negative quantity
        """);
  }

  @Test
  void withoutKnownNodesNothingExceedsThem() {
    assertThat(lint("{kubeReserved: {memory: 4Ti}}", Optional.empty())).isEmpty();
    assertThat(lint("{kubeReserved: {memory: 4Ti}}", Optional.of(Map.of()))).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> config() {
    return table(
        """
        {config: {maxPods: 110, evictionHard: {pid.available: 5%}}} |
        {config: {podPidLimit: 4096}} | config.podPidLimit: is not a field of KubeletConfiguration v1beta1 of Kubernetes 1.36 (podPidsLimit is); the kubelet starts without it
        {config: {MaxPods: 110}} | config.MaxPods: is not a field of KubeletConfiguration v1beta1 of Kubernetes 1.36 (maxPods is)
        {config: {authentication: {anonymous: {enable: true}}}} | config.authentication.anonymous.enable: is not a field of KubeletConfiguration v1beta1 of Kubernetes 1.36 (enabled is)
        {config: {somethingElseEntirely: 1}} | config.somethingElseEntirely: is not a field of KubeletConfiguration v1beta1 of Kubernetes 1.36; the
        {config: {maxPods: "110"}} | config.maxPods: 110 is not of type int32
        {config: {syncFrequency: 5}} | config.syncFrequency: 5 is not of type duration
        {config: {evictionHard: {memory.available: 5}}} | config.evictionHard[memory.available]: 5 is not of type string
        {config: {registerWithTaints: [{key: 1}]}} | config.registerWithTaints[0].key: 1 is not of type string
        {config: {maxPods: 0}} | config.maxPods: 0 counts as unset
        {config: {podPidsLimit: 100}} | config.podPidsLimit: has its own field spec.nodes.kubelet.podPidsLimit
        {config: {evictionHard: {memory.free: 1Gi}}} | config.evictionHard[memory.free]: is not one of
        {config: {evictionHard: {memory.available: 101%}}} | config.evictionHard[memory.available]: '101%' is neither
        {config: {evictionHard: {memory.available: "0"}}} | config.evictionHard[memory.available]: '0' is neither
        {config: {evictionSoft: {memory.available: 1Gi}}} | config.evictionSoft[memory.available]: requires a grace period
        {config: {evictionSoft: {memory.available: 1Gi}, evictionSoftGracePeriod: {memory.available: 30s}}} |
        {config: {evictionSoftGracePeriod: {memory.available: "30"}}} | config.evictionSoftGracePeriod[memory.available]: '30' is not a duration
        {config: {topologyManagerPolicy: strict}} | config.topologyManagerPolicy: 'strict' is not one of
        {config: {kind: Pod}} | config.kind: must be that of kubelet.config.k8s.io/v1beta1
        {config: {kind: KubeletConfiguration, apiVersion: kubelet.config.k8s.io/v1beta1}} |
        """);
  }

  /// bottlerocket-os/bottlerocket#1301, Azure/acs-engine#3212.
  @Test
  void namesEveryFieldThatNoKubeletAccepts() {
    assertThat(
            lint(
                """
                {config: {maxPods: "<=110", evictionHard: {memory.available: ">=5%"}, kubereserved: {cpu: "1"}}}
                """,
                Optional.empty()))
        .containsExactlyInAnyOrder(
            "spec.nodes.kubelet.config.evictionHard[memory.available]: '>=5%' is neither a positive"
                + " quantity nor a percentage up to 100%; the kubelet refuses to start",
            "spec.nodes.kubelet.config.maxPods: <=110 is not of type int32; the kubelet refuses to start",
            "spec.nodes.kubelet.config.kubereserved: is not a field of KubeletConfiguration v1beta1 of"
                + " Kubernetes 1.36 (kubeReserved is); the kubelet starts without it");
  }

  @TestFactory
  Stream<DynamicTest> gates() {
    return table(
        """
        {config: {featureGates: {MemoryQoS: true}}} |
        {config: {featureGates: {MemoryQos: true}}} | config.featureGates[MemoryQos]: is not a feature gate of Kubernetes 1.36
        {config: {featureGates: {NodeSwap: false}}} | config.featureGates[NodeSwap]: is locked to true
        {config: {featureGates: {GracefulNodeShutdown: false, WindowsGracefulNodeShutdown: false}}} | config.featureGates: GracefulNodeShutdownBasedOnPodPriority requires GracefulNodeShutdown
        {config: {memoryReservationPolicy: TieredReservation}} | config.memoryReservationPolicy: TieredReservation requires the feature gate MemoryQoS
        {config: {memoryReservationPolicy: TieredReservation, featureGates: {MemoryQoS: true}}} |
        """);
  }

  @TestFactory
  Stream<DynamicTest> bounds() {
    return table(
        """
        {configBounds: [{field: maxPods, atMost: 250}, {field: evictionHard.memory.available, atLeast: 5%}, {field: cpuManagerPolicy, oneOf: [static, none]}]} |
        {configBounds: [{field: memoryThrottlingFactor, atLeast: "0.8"}]} |
        {configBounds: [{field: syncFrequency, atLeast: 10s, atMost: 1m}]} |
        {configBounds: [{field: maxpods, atMost: 250}]} | configBounds.maxpods: is not a field of KubeletConfiguration v1beta1 of Kubernetes 1.36 (maxPods is)
        {configBounds: [{field: evictionHard.memory.free, atLeast: 5%}]} | configBounds.evictionHard[memory.free]: is not one of
        {configBounds: [{field: cpuManagerPolicy, oneOf: [dynamic]}]} | configBounds.cpuManagerPolicy: 'dynamic' is not one of
        {configBounds: [{field: cpuManagerPolicy, atMost: static}]} | configBounds.cpuManagerPolicy: static is not a bound for a field of type string
        {configBounds: [{field: syncFrequency, atLeast: 10s, atMost: 1}]} | configBounds.syncFrequency: 1 is not a bound for a field of type duration
        """);
  }

  @Test
  void aConfigThatIsNotAnObjectIsReported() {
    assertThat(lint("{config: [1]}", Optional.empty()))
        .containsExactly(
            "spec.nodes.kubelet.config: must be an object with fields of KubeletConfiguration");
  }
}
