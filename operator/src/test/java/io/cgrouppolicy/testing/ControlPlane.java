package io.cgrouppolicy.testing;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// An embedded control plane. It watches its stdin and so ends when it is closed or with the JVM,
/// even if that is killed.
public final class ControlPlane implements AutoCloseable {
  private static final Path DIRECTORY = Path.of("hack/local-cluster").toAbsolutePath();
  private static final String SCRIPT = DIRECTORY.resolve("cluster.sh").toString();

  private final Path state;
  private final Process process;
  private final Path kubeconfig;

  /// Starts an empty control plane.
  ///
  /// @param state its directory, which is emptied first
  public ControlPlane(Path state) throws IOException {
    this(state, DIRECTORY.resolve("audit-policy.yaml"));
  }

  /// @param auditPolicy the policy of the API server's audit log
  public ControlPlane(Path state, Path auditPolicy) throws IOException {
    this.state = state.toAbsolutePath();
    run(SCRIPT, "down", "--state", this.state.toString());
    Files.createDirectories(this.state.getParent());
    var log = this.state.resolveSibling(this.state.getFileName() + ".log");
    process =
        new ProcessBuilder(
                SCRIPT,
                "run",
                "--state",
                this.state.toString(),
                "--audit-policy",
                auditPolicy.toString())
            .redirectError(log.toFile())
            .start();
    var reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var line = reader.readLine();
    if (line == null || !line.startsWith("READY ")) {
      throw new IllegalStateException("the cluster did not start:\n" + Files.readString(log));
    }
    kubeconfig = Path.of(line.substring("READY ".length()));
  }

  /// The admin kubeconfig.
  public Path kubeconfig() {
    return kubeconfig;
  }

  /// A client for the admin, which the caller closes.
  public KubernetesClient client() {
    return client(kubeconfig);
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
    process.getOutputStream().close();
    run(SCRIPT, "down", "--state", state.toString());
  }
}
