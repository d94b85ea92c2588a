package io.cgrouppolicy.bench;

import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.WorkDirectory;
import io.cgrouppolicy.testing.kubelet.KubeletSimulator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Simulated kubelets of the shared cluster, in a process of their own, which ends with this one
/// (it watches its stdin). Its Node objects stay.
final class SimulatorProcess implements AutoCloseable {
  private final Process process;
  private final Path caFile;

  /// Returns when the nodes are registered.
  ///
  /// @param nodes as [KubeletSimulator] takes them
  SimulatorProcess(String name, String... nodes) throws IOException {
    caFile = WorkDirectory.resolve(name + "-ca.crt");
    Files.createDirectories(caFile.getParent());
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                KubeletSimulator.class.getName(),
                LocalCluster.get().adminKubeconfig().toString(),
                caFile.toString()));
    command.addAll(List.of(nodes));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var line =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
            .readLine();
    if (!"READY".equals(line)) {
      close();
      throw new IllegalStateException("the simulator did not start");
    }
  }

  /// PEM of the CA that signed its kubelets.
  String ca() throws IOException {
    return Files.readString(caFile);
  }

  double cpuSeconds() {
    return process.info().totalCpuDuration().orElseThrow().toMillis() / 1000.0;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
