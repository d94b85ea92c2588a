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
import java.util.concurrent.TimeUnit;

/// An embedded control plane on which nothing of ours is installed, for what must not meet the
// shared
/// one's. It ends with the JVM however that ends, as it watches its stdin.
public final class ControlPlane implements AutoCloseable {
  private final Process process;
  private final Path kubeconfig;

  private ControlPlane(Process process, Path kubeconfig) {
    this.process = process;
    this.kubeconfig = kubeconfig;
  }

  /// Waits until it is ready.
  ///
  /// @param state a directory that is its own; one that an earlier run left is cleared away
  /// @throws IOException when its script cannot be run
  public static ControlPlane start(Path state) throws IOException {
    var script = Path.of("hack/local-cluster/cluster.sh").toAbsolutePath().toString();
    var directory = state.toAbsolutePath();
    var log = directory.resolveSibling(directory.getFileName() + ".log").toFile();
    Files.createDirectories(directory.getParent());
    var down =
        new ProcessBuilder(script, "down", "--state", directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    if (await(down) != 0) {
      throw new IllegalStateException("what an earlier run left stays: " + log);
    }
    var process =
        new ProcessBuilder(script, "run", "--state", directory.toString())
            .redirectError(log)
            .start();
    var reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var line = reader.readLine();
    if (line == null || !line.startsWith("READY ")) {
      throw new IllegalStateException(
          "the cluster did not start:\n" + Files.readString(log.toPath()));
    }
    return new ControlPlane(process, Path.of(line.substring("READY ".length())));
  }

  /// Of its admin.
  public Path kubeconfig() {
    return kubeconfig;
  }

  /// Its admin's, for the caller to close.
  public KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
        .build();
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    await(process);
  }

  private static int await(Process process) {
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroy();
        throw new IllegalStateException("the cluster's script does not end");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
