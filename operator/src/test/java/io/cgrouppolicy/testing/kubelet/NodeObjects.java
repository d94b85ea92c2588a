package io.cgrouppolicy.testing.kubelet;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Creates Node objects like those that kubelets of v1.36 register.
final class NodeObjects {
  static final String FLEET_LABEL = "cgroup-policy.io/simulated";

  private NodeObjects() {}

  static Node node(String name, String address, int port, String fleet) {
    var resources =
        Map.of(
            "cpu", new Quantity("4"), "memory", new Quantity("8Gi"), "pods", new Quantity("110"));
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .addToLabels("kubernetes.io/hostname", name)
        .addToLabels("kubernetes.io/os", "linux")
        .addToLabels("kubernetes.io/arch", "amd64")
        .addToLabels(FLEET_LABEL, fleet)
        .endMetadata()
        .withNewStatus()
        .withCapacity(resources)
        .withAllocatable(resources)
        .addNewAddress(address, "InternalIP")
        .addNewAddress(name, "Hostname")
        .withNewDaemonEndpoints()
        .withNewKubeletEndpoint(port)
        .endDaemonEndpoints()
        .withNewNodeInfo()
        .withMachineID(UUID.randomUUID().toString().replace("-", ""))
        .withSystemUUID(UUID.randomUUID().toString())
        .withBootID(UUID.randomUUID().toString())
        .withKernelVersion("6.12.0")
        .withOsImage("Simulated")
        .withContainerRuntimeVersion("containerd://2.1.4")
        .withKubeletVersion("v1.36.3")
        .withKubeProxyVersion("")
        .withOperatingSystem("linux")
        .withArchitecture("amd64")
        .endNodeInfo()
        .withConditions(
            List.of(
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID"),
                condition("Ready", "True", "KubeletReady")))
        .endStatus()
        .build();
  }

  private static NodeCondition condition(String type, String status, String reason) {
    var now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    return new NodeConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(reason)
        .withMessage("simulated")
        .withLastHeartbeatTime(now)
        .withLastTransitionTime(now)
        .build();
  }
}
