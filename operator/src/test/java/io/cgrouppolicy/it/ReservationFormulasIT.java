package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.FleetOperator.message;
import static io.cgrouppolicy.testing.FleetOperator.nodes;
import static io.cgrouppolicy.testing.FleetOperator.violations;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Reservations that depend on the size of the node.
class ReservationFormulasIT {
  private static final String EKS =
      "kubelet: {kubeReservedFormula: {preset: EKS}}, remedy: Publish";

  @RegisterExtension static final FleetOperator operator = new FleetOperator(FleetOperator.NEVER);
  @RegisterExtension final Fixture fixture = new Fixture();

  private SimulatedKubelet node(String name, String cpu, String memory, int maxPods) {
    return operator
        .node(fixture, name)
        .node(
            n ->
                n.editStatus()
                    .withCapacity(
                        Map.of(
                            "cpu", new Quantity(cpu),
                            "memory", new Quantity(memory),
                            "pods", new Quantity("" + maxPods)))
                    .endStatus())
        .patch("{\"maxPods\": %d}".formatted(maxPods));
  }

  private static String reserved(String cpu, String memory) {
    return "{\"kubeReserved\": {\"cpu\": \"%s\", \"memory\": \"%s\", \"ephemeral-storage\": \"1Gi\"}}"
        .formatted(cpu, memory);
  }

  @Test
  void eachNodeIsComparedWithTheFigureForItsSize() {
    node("small", "2", "7934532Ki", 29).patch(reserved("70m", "574Mi")).start();
    node("large", "16", "64Gi", 234).patch(reserved("70m", "574Mi")).start();
    operator.policy(fixture, "p", "", EKS);
    eventually(
        () -> {
          assertThat(nodes(fixture, "p"))
              .isEqualTo("2 selected: 1 compliant, 1 drifted, 0 unknown; False DriftFound");
          assertThat(violations(fixture, "p"))
              .containsExactly(
                  "KubeletKubeReserved large: cpu >= 110m, memory >= 2829Mi | cpu 70m, memory 574Mi");
        });
    assertThat(message(fixture, "p", "large"))
        .contains("computed for 16 CPUs, 64Gi of memory, maxPods 234");
    var remedy =
        fixture
            .client
            .configMaps()
            .inNamespace("cgroup-policy-system")
            .withName("cgroup-policy-remedy-" + fixture.id + "-p");
    eventually(
        () -> {
          assertThat(remedy.get()).isNotNull();
          assertThat(remedy.get().getData().get("91-cgroup-policy-2cpu-8gi-29pods.conf"))
              .contains("memory: \"574Mi\"");
          assertThat(remedy.get().getData().get("91-cgroup-policy-16cpu-64gi-234pods.conf"))
              .contains("memory: \"2829Mi\"");
        });
  }

  @Test
  void aNodeThatGrowsNeedsMore() {
    var kubelet = node("a", "4", "15Gi", 110).patch(reserved("80m", "1740Mi")).start();
    operator.policy(
        fixture, "p", "", "kubelet: {kubeReservedFormula: {resources: {memory: {percent: 10}}}}");
    eventually(() -> assertThat(nodes(fixture, "p")).contains("1 compliant"));
    kubelet.node(n -> n.editStatus().addToCapacity("memory", new Quantity("30Gi")).endStatus());
    eventually(
        () ->
            assertThat(violations(fixture, "p"))
                .containsExactly("KubeletKubeReserved a: memory >= 3072Mi | memory 1740Mi"));
  }
}
