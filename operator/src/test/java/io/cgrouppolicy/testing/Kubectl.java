package io.cgrouppolicy.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs the real kubectl as the cluster's admin.
public final class Kubectl {
  private final Path kubeconfig;

  public Kubectl(Path kubeconfig) {
    this.kubeconfig = kubeconfig;
  }

  /// Returns the output on stdout or stderr, with the cluster that all tests share.
  ///
  /// @throws AssertionError if it fails
  public static String run(String... arguments) {
    return new Kubectl(LocalCluster.get().adminKubeconfig()).succeed(arguments);
  }

  /// Like the above, with this cluster.
  public String succeed(String... arguments) {
    return answer(arguments).success();
  }

  /// Waits until objects of a CRD can be created.
  ///
  /// @param crd the name of the CRD, PLURAL.GROUP
  public void awaitEstablished(String crd) {
    // Waits for names first: a new CRD has null conditions, on which kubectl gives up.
    var names = "jsonpath={.status.acceptedNames.plural}=" + crd.split("\\.")[0];
    for (var state : List.of(names, "condition=Established")) {
      succeed("wait", "--for=" + state, "--timeout=60s", "crd/" + crd);
    }
  }

  /// Runs a command that may fail.
  public Command.Answer answer(String... arguments) {
    var command = new ArrayList<String>();
    command.add(program());
    command.addAll(
        List.of(
            "--kubeconfig",
            kubeconfig.toString(),
            "--cache-dir",
            WorkDirectory.resolve("kubectl-cache").toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("KUBECTL_KUBERC", "false");
    return Command.run(builder);
  }

  private static String program() {
    return Command.succeed("hack/local-cluster/cluster.sh", "kubectl-path").strip();
  }
}
