package io.cgrouppolicy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;

/// A pod with one container on a lab node, and its cgroups.
public final class LabPod {
  private static final String CGROUPS = "/sys/fs/cgroup";

  private final LabNode node;
  private final String namespace;
  private final String name;

  /// A pod that exists.
  public LabPod(LabNode node, String namespace, String name) {
    this.node = node;
    this.namespace = namespace;
    this.name = name;
  }

  /// Creates a pod that is not restarted.
  ///
  /// @param resources of its container, in flow style
  /// @param script of its shell
  public static LabPod create(
      LabNode node, String namespace, String name, String resources, String script) {
    node.create(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: %s}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          automountServiceAccountToken: false
          containers: [{name: main, image: "%s", resources: %s, command: [sh, -c, '%s']}]
        """
            .formatted(name, namespace, LabNode.IMAGE, resources, script));
    return new LabPod(node, namespace, name);
  }

  public Pod get() {
    return node.client().pods().inNamespace(namespace).withName(name).get();
  }

  public ContainerStatus container() {
    return get().getStatus().getContainerStatuses().getFirst();
  }

  /// Waits until it runs.
  public LabPod running() {
    LabNode.eventually(() -> assertThat(get().getStatus().getPhase()).isEqualTo("Running"));
    return this;
  }

  /// The path of its container's cgroup in the guest.
  public String containerCgroup() {
    return node.shell(
        "find %s -name 'cri-containerd-%s.scope'"
            .formatted(CGROUPS, container().getContainerID().substring("containerd://".length())));
  }

  /// The path of its own cgroup in the guest.
  public String cgroup() {
    return node.shell(
        "find %s -name '*pod%s*' | head -1"
            .formatted(CGROUPS, get().getMetadata().getUid().replace('-', '_')));
  }

  /// The limit that the kernel has for its processes: a number, or `max`.
  public String pidLimit() {
    return node.read(cgroup() + "/pids.max");
  }

  /// The first process of its container, in the guest.
  public String pid() {
    return node.shell("head -1 " + containerCgroup() + "/cgroup.procs");
  }

  public void delete() {
    node.client().pods().inNamespace(namespace).withName(name).withGracePeriod(0).delete();
  }
}
