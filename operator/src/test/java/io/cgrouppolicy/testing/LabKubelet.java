package io.cgrouppolicy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The kubelet of a lab node: its configuration, what a policy says about it, and the kernel's
/// files of the cgroups that it limits.
public final class LabKubelet {
  public static final long KUBE_MEMORY = 768L << 20;
  public static final long SYSTEM_MEMORY = 512L << 20;
  public static final int POD_PIDS = 256;

  /// Fields of a hardened kubelet on a node of the lab's size.
  public static final String HARDENED =
      """
      enforceNodeAllocatable: [pods, kube-reserved, system-reserved]
      kubeReserved: {cpu: 250m, memory: 768Mi}
      kubeReservedCgroup: /runtime.slice
      systemReserved: {cpu: 250m, memory: 512Mi}
      systemReservedCgroup: /system.slice
      podPidsLimit: 256
      """;

  /// The same as settings of a policy, for `spec.nodes`. Fields of `kubelet` may follow.
  public static final String REQUIRED =
      "cgroupVersion: V2\nkubelet:\n" + ("cgroupDriver: systemd\n" + HARDENED).indent(2);

  /// Where a kubelet and a container runtime with a slice of their own have it from.
  private static final String SLICE_DROP_IN = "/etc/systemd/system/%s.service.d/90-slice.conf";

  private static final String CONFIG_DIR = "/etc/kubernetes/kubelet.conf.d/";

  private final LabNode node;

  public LabKubelet(LabNode node) {
    this.node = node;
  }

  /// Moves the kubelet and the container runtime to a slice. They run there from the next
  /// [#configure] on.
  public void daemonsIn(String slice) {
    for (var daemon : List.of("kubelet", "containerd")) {
      var file = SLICE_DROP_IN.formatted(daemon);
      node.shell("mkdir -p \"$(dirname %s)\"".formatted(file));
      node.write(file, "[Service]\nSlice=" + slice + "\n");
    }
    restartRuntime();
  }

  /// Kills the shims of deleted pods too, which stay for a minute. Where one is left, systemd keeps
  /// the container runtime in its old slice.
  private void restartRuntime() {
    node.shell(
        "systemctl daemon-reload; systemctl kill --kill-whom=all --signal=KILL containerd;"
            + " systemctl restart containerd");
  }

  /// Gives the kubelet this drop-in instead of those that it has, restarts it, and waits until it
  /// answers. The cgroups keep their limits.
  ///
  /// @param fields in YAML or JSON, without apiVersion and kind
  public void configure(String fields) {
    restart(fields);
    LabNode.eventually(() -> assertThat(node.configz()).isNotNull());
  }

  /// Gives the kubelet a drop-in with which it fails at its start.
  public void fail(String fields) {
    restart(fields);
    LabNode.eventually(
        () ->
            assertThat(node.shell("systemctl show kubelet --property NRestarts --value"))
                .isNotEqualTo("0"));
  }

  private void restart(String fields) {
    node.shell("rm -f " + CONFIG_DIR + "*.conf");
    if (!fields.isEmpty()) {
      node.write(
          CONFIG_DIR + "90-lab.conf",
          "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n" + fields);
    }
    node.shell("systemctl restart kubelet");
  }

  /// Takes the limits from all slices, as a reboot of the node does. The kubelet stops.
  public void forgetLimits() {
    node.shell(
        "systemctl stop kubelet; for slice in runtime system kubepods; do systemctl set-property"
            + " --runtime $slice.slice MemoryMax=infinity TasksMax=infinity CPUWeight=100; done");
  }

  /// Restores the stock configuration.
  public void reset() {
    forgetLimits();
    node.shell(
        "systemctl disable runtime.slice; rm -f /etc/systemd/system/runtime.slice "
            + SLICE_DROP_IN.formatted("*"));
    restartRuntime();
    configure("");
  }

  /// The limits of a slice, as its files have them.
  public Map<String, String> slice(String name) {
    var files = new TreeMap<String, String>();
    node.shell("cd /sys/fs/cgroup/" + name + " && grep . memory.max pids.max cpu.weight")
        .lines()
        .forEach(line -> files.put(line.split(":")[0], line.split(":")[1]));
    return files;
  }

  /// The node's memory, in bytes.
  public long memory() {
    var capacity =
        node.client().nodes().withName(LabNode.NAME).get().getStatus().getCapacity().get("memory");
    return Quantity.getAmountInBytes(capacity).longValueExact();
  }

  /// The violations of the node, in the status of a policy that has evaluated it.
  public List<Violation> findings(String policy) {
    var status = node.client().resources(CgroupPolicy.class).withName(policy).get().getStatus();
    assertThat(status).as("the status").isNotNull();
    assertThat(status.conditions())
        .extracting(Condition::getReason)
        .isNotEmpty()
        .doesNotContain("Observing", "CacheNotSynced");
    assertThat(status.violations()).as("violations").isNotNull();
    return status.violations().stream().filter(found -> found.kind().equals("Node")).toList();
  }
}
