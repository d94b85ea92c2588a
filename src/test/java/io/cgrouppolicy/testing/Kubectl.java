package io.cgrouppolicy.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The real kubectl, as the admin.
public final class Kubectl {
  private Kubectl() {}

  /// What it prints, to stdout or stderr.
  ///
  /// @throws AssertionError when it fails
  public static String run(String... arguments) {
    return on(LocalCluster.get().adminKubeconfig(), arguments);
  }

  /// The same on another cluster.
  public static String on(Path kubeconfig, String... arguments) {
    var command = new ArrayList<String>();
    command.add(output(List.of(script(), "kubectl-path")).strip());
    command.addAll(
        List.of(
            "--kubeconfig",
            kubeconfig.toString(),
            "--cache-dir",
            Path.of("target/it/kubectl-cache").toAbsolutePath().toString()));
    command.addAll(List.of(arguments));
    return output(command);
  }

  /// What a kustomization makes; no cluster is asked.
  ///
  /// @throws AssertionError when it is none
  public static String kustomize(Path directory) {
    return output(
        List.of(
            output(List.of(script(), "kubectl-path")).strip(), "kustomize", directory.toString()));
  }

  private static String script() {
    return Path.of("hack/local-cluster/cluster.sh").toAbsolutePath().toString();
  }

  private static String output(List<String> command) {
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("KUBECTL_KUBERC", "false");
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(command + "\n" + output);
      }
      return output;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
