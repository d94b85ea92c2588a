package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.FleetOperator.HARDENED;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A policy reports if a kubelet that follows it would not start.
class UnsafeKubeletConfigIT {
  private static final String UNSAFE = "True KubeletWouldNotComply";

  @RegisterExtension static final FleetOperator operator = new FleetOperator(FleetOperator.NEVER);

  @RegisterExtension final Fixture fixture = new Fixture();

  private void isUnsafe(String... words) {
    eventually(
        () -> {
          assertThat(fixture.status("p", "KubeletConfigUnsafe")).isEqualTo(UNSAFE);
          assertThat(fixture.condition("p", "KubeletConfigUnsafe").getMessage()).contains(words);
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
        });
  }

  private void isSafe() {
    eventually(
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
          assertThat(fixture.condition("p", "KubeletConfigUnsafe")).isNull();
        });
  }

  @Test
  void theConditionComesAndGoesWithThePolicy() {
    operator.policy(fixture, "p", "", HARDENED);
    isSafe();
    operator.policy(
        fixture,
        "p",
        "",
        "kubelet: {enforceNodeAllocatable: [pods, system-reserved], systemReserved: {memory: 1Gi}}");
    isUnsafe("spec.nodes.kubelet.systemReservedCgroup: must be set to enforce system-reserved");
    operator.policy(
        fixture,
        "p",
        "",
        "kubelet: {systemReservedCgroup: /system.slice, config: {reservedSystemCPUs: '0-1',"
            + " cgroupsPerQOS: false}}");
    isUnsafe(
        "spec.nodes.kubelet.systemReservedCgroup: excludes config.reservedSystemCPUs",
        "spec.nodes.kubelet.config.cgroupsPerQOS: must be true");
    operator.policy(fixture, "p", "", HARDENED);
    isSafe();
  }

  /// What EKS nodes have by default: the kubelet never looks for a cgroup that it does not enforce.
  @Test
  void aReservedCgroupThatIsNotEnforcedIsSafe() {
    var spec =
        "cgroupDriver: systemd, kubeReserved: {cpu: 70m, memory: 574Mi}, kubeReservedCgroup: /runtime";
    operator.policy(
        fixture, "p", "", "kubelet: {enforceNodeAllocatable: [pods, kube-reserved], " + spec + "}");
    isUnsafe("the kubelet looks for /runtime.slice");
    operator.policy(fixture, "p", "", "kubelet: {enforceNodeAllocatable: [pods], " + spec + "}");
    isSafe();
  }

  /// No node is selected, so none has been judged.
  @Test
  void valuesThatNoKubeletAcceptsAreNamed() {
    operator.policy(
        fixture,
        "p",
        "",
        "kubelet: {config: {maxPods: '<=110', evictionHard: {memory.available: '>=5%'},"
            + " kubereserved: {cpu: '1'}}, configBounds: [{field: maxpods, atMost: 250}]}");
    isUnsafe(
        "spec.nodes.kubelet.config.maxPods: <=110 is not of type int32",
        "spec.nodes.kubelet.config.evictionHard[memory.available]: '>=5%' is neither",
        "spec.nodes.kubelet.config.kubereserved: is not a field");
  }

  @Test
  void reservationsMustFitTheSmallestSelectedNode() {
    operator.policy(fixture, "p", "", HARDENED);
    isSafe();
    operator.node(fixture, "large").hardened().start();
    isSafe();
    var small = memory(operator.node(fixture, "small").hardened(), "2Gi").start();
    isUnsafe("spec.nodes.kubelet.systemReserved", "of memory is reserved", "has 2Gi");
    assertThat(fixture.status("p", "NodesCompliant")).isEqualTo("True Compliant");
    memory(small, "4Gi");
    isSafe();
    memory(small, "1Gi");
    isUnsafe("has 1Gi");
    fixture.client.nodes().withName(small.name()).delete();
    isSafe();
  }

  /// A machine whose capacity changed.
  private static SimulatedKubelet memory(SimulatedKubelet kubelet, String amount) {
    return kubelet.node(
        n -> n.editStatus().addToCapacity("memory", new Quantity(amount)).endStatus());
  }

  @Test
  void aNodeOfAnotherPoolDoesNotCount() {
    operator.policy(fixture, "p", "", "pool: none", HARDENED);
    operator.policy(fixture, "other", "", HARDENED);
    isSafe();
    memory(operator.node(fixture, "small").hardened(), "1Gi").start();
    eventually(() -> assertThat(fixture.status("other", "KubeletConfigUnsafe")).isEqualTo(UNSAFE));
    isSafe();
  }
}
