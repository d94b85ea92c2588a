package io.cgrouppolicy.testing;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A cluster whose only node is a virtual machine with a real kubelet: hack/lab-node.
public final class LabNode implements AutoCloseable {
  public static final String NAME = "node-a";

  /// The only image that the node has.
  public static final String IMAGE = "localhost/busybox:1";

  private static final String SCRIPT = Path.of("hack/lab-node/node.sh").toAbsolutePath().toString();

  private final ControlPlane plane;
  private final Path state;
  private final ReadyProcess process;

  /// Returns when the node is Ready. Builds the guest first, unless it is cached.
  ///
  /// @param directory for the cluster, the node and their logs
  public LabNode(Path directory) throws IOException {
    state = directory.resolve("node");
    plane = new ControlPlane(directory.resolve("cluster"), List.of("--nodes"));
    try {
      process =
          new ReadyProcess(
              List.of(
                  SCRIPT,
                  "run",
                  "--state",
                  state.toString(),
                  "--cluster",
                  plane.state().toString()),
              directory.resolve("node.log"));
    } catch (IOException | RuntimeException e) {
      plane.close();
      throw e;
    }
  }

  /// The admin kubeconfig of the cluster.
  public Path kubeconfig() {
    return plane.kubeconfig();
  }

  /// A client for the admin, which the caller closes.
  public KubernetesClient client() {
    return plane.client();
  }

  /// Runs a command of the guest's shell, as root.
  ///
  /// @return its output
  public String shell(String command) {
    return Command.succeed(SCRIPT, "ssh", "--state", state.toString(), command).strip();
  }

  /// The content of a file of the guest, such as one of a cgroup.
  public String read(String path) {
    return shell("cat " + path);
  }

  @Override
  public void close() throws IOException {
    process.close();
    plane.close();
  }
}
