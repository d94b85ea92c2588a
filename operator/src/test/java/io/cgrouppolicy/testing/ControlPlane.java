package io.cgrouppolicy.testing;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// An embedded control plane. It watches its stdin and so ends when it is closed or with the JVM,
/// even if that is killed.
public final class ControlPlane implements AutoCloseable {
  private static final String SCRIPT =
      Path.of("hack/local-cluster/cluster.sh").toAbsolutePath().toString();

  private final Path state;
  private final ReadyProcess process;

  /// Starts an empty control plane.
  ///
  /// @param state its directory, which is emptied first
  public ControlPlane(Path state) throws IOException {
    this(state, List.of());
  }

  /// @param auditPolicy the policy of the API server's audit log
  public ControlPlane(Path state, Path auditPolicy) throws IOException {
    this(state, List.of("--audit-policy", auditPolicy.toString()));
  }

  /// @param options of the script's command `run`
  ControlPlane(Path state, List<String> options) throws IOException {
    this.state = state.toAbsolutePath();
    run(SCRIPT, "down", "--state", this.state.toString());
    Files.createDirectories(this.state.getParent());
    var command = new ArrayList<>(List.of(SCRIPT, "run", "--state", this.state.toString()));
    command.addAll(options);
    process =
        new ReadyProcess(command, this.state.resolveSibling(this.state.getFileName() + ".log"));
  }

  /// The admin kubeconfig.
  public Path kubeconfig() {
    return Path.of(process.word());
  }

  /// A client for the admin, which the caller closes.
  public KubernetesClient client() {
    return client(kubeconfig());
  }

  static KubernetesClient client(Path kubeconfig) {
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
        .build();
  }

  /// The directory of its logs.
  public Path state() {
    return state;
  }

  /// Its API server's audit log, from the start.
  public AuditLog auditLog() {
    return new AuditLog(state.resolve("audit.log"));
  }

  /// Runs a command of the cluster's script, for example `stop-apiserver`.
  public void control(String command) {
    run(SCRIPT, command, "--state", state.toString());
  }

  /// Installs what the operator needs in a cluster, and writes a kubeconfig for its ServiceAccount.
  ///
  /// @param admin the admin kubeconfig of the cluster
  /// @param operator the kubeconfig to write
  public static void install(Path admin, Path operator) {
    install(admin, operator, Path.of(""));
  }

  /// @param release the directory of the release to install
  public static void install(Path admin, Path operator, Path release) {
    run(
        Path.of("hack/install.sh").toAbsolutePath().toString(),
        admin.toString(),
        operator.toString(),
        release.toAbsolutePath().toString());
  }

  private static void run(String... command) {
    try {
      var output = Files.createTempFile("command", ".log");
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(15, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new IllegalStateException(Arrays.toString(command) + "\n" + Files.readString(output));
      }
      Files.delete(output);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    process.close();
    run(SCRIPT, "down", "--state", state.toString());
  }
}
