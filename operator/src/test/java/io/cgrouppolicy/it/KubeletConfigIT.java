package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.FleetOperator.nodes;
import static io.cgrouppolicy.testing.FleetOperator.violations;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.FleetOperator;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Fields of a kubelet's configuration that have no field of their own in the policy.
class KubeletConfigIT {
  @RegisterExtension static final FleetOperator operator = new FleetOperator("1S");
  @RegisterExtension final Fixture fixture = new Fixture();

  private SimulatedKubelet kubelet(String name, String patch) {
    return operator
        .node(fixture, name)
        .defaults()
        .node(n -> n.editStatus().addToCapacity("memory", new Quantity("4Gi")).endStatus())
        .patch(patch)
        .start();
  }

  @Test
  void aKubeletHasTheDefaultsThatItLeavesOut() {
    kubelet("unset", "{}");
    kubelet("set", "{\"memorySwap\": {\"swapBehavior\": \"LimitedSwap\"}}");
    operator.policy(
        fixture,
        "p",
        "",
        "kubelet: {config: {memorySwap: {swapBehavior: NoSwap}, singleProcessOOMKill: false,"
            + " tlsMinVersion: VersionTLS12}}");
    eventually(
        () ->
            assertThat(nodes(fixture, "p"))
                .isEqualTo("2 selected: 1 compliant, 1 drifted, 0 unknown; False DriftFound"));
    assertThat(violations(fixture, "p"))
        .containsExactly(
            "KubeletConfig set: memorySwap.swapBehavior = NoSwap | memorySwap.swapBehavior ="
                + " LimitedSwap");
  }

  @Test
  void boundsCompareByMeaning() {
    kubelet("within", "{\"maxPods\": 250, \"evictionHard\": {\"memory.available\": \"205Mi\"}}");
    kubelet("percent", "{\"evictionHard\": {\"memory.available\": \"6%\"}}");
    kubelet("many", "{\"maxPods\": 251, \"evictionHard\": {\"memory.available\": \"1Gi\"}}");
    kubelet("default", "{}");
    operator.policy(
        fixture,
        "p",
        "",
        "kubelet: {configBounds: [{field: maxPods, atMost: 250}, {field:"
            + " evictionHard.memory.available, atLeast: 5%}, {field: cpuManagerPolicy, oneOf: [static,"
            + " none]}]}");
    eventually(
        () ->
            assertThat(nodes(fixture, "p"))
                .isEqualTo("4 selected: 2 compliant, 2 drifted, 0 unknown; False DriftFound"));
    assertThat(violations(fixture, "p"))
        .containsExactlyInAnyOrder(
            "KubeletConfig many: maxPods <= 250 | maxPods = 251",
            "KubeletConfig default: evictionHard.memory.available >= 5% |"
                + " evictionHard.memory.available = 100Mi");
  }
}
