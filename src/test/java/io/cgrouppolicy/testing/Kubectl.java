package io.cgrouppolicy.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The real kubectl, as the admin of a cluster.
public final class Kubectl {
  private final Path kubeconfig;

  public Kubectl(Path kubeconfig) {
    this.kubeconfig = kubeconfig;
  }

  /// What it prints, to stdout or stderr, with the cluster that all tests share.
  ///
  /// @throws AssertionError when it fails
  public static String run(String... arguments) {
    return new Kubectl(LocalCluster.get().adminKubeconfig()).succeed(arguments);
  }

  /// The same, with this cluster.
  public String succeed(String... arguments) {
    var answer = answer(arguments);
    if (answer.status() != 0) {
      throw new AssertionError(List.of(arguments) + "\n" + answer.output());
    }
    return answer.output();
  }

  /// Waits until objects of a CRD can be made.
  ///
  /// @param crd its name, PLURAL.GROUP
  public void awaitEstablished(String crd) {
    // Its names first: at the very first its conditions are null, at which kubectl gives up.
    var names = "jsonpath={.status.acceptedNames.plural}=" + crd.split("\\.")[0];
    for (var state : List.of(names, "condition=Established")) {
      succeed("wait", "--for=" + state, "--timeout=60s", "crd/" + crd);
    }
  }

  /// Where it may fail.
  public Tool.Answer answer(String... arguments) {
    var command = new ArrayList<String>();
    command.add(program());
    command.addAll(
        List.of(
            "--kubeconfig",
            kubeconfig.toString(),
            "--cache-dir",
            Path.of("target/it/kubectl-cache").toAbsolutePath().toString()));
    command.addAll(List.of(arguments));
    return output(command);
  }

  private static String program() {
    var script = Path.of("hack/local-cluster/cluster.sh").toAbsolutePath().toString();
    var path = output(List.of(script, "kubectl-path"));
    if (path.status() != 0) {
      throw new AssertionError(path.output());
    }
    return path.output().strip();
  }

  private static Tool.Answer output(List<String> command) {
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("KUBECTL_KUBERC", "false");
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        throw new AssertionError(command + " does not end\n" + output);
      }
      return new Tool.Answer(process.exitValue(), output);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
