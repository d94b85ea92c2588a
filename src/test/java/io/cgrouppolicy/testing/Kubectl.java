package io.cgrouppolicy.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    return answer(arguments).success();
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
