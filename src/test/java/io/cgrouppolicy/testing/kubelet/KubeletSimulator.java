package io.cgrouppolicy.testing.kubelet;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Locale;

/// Kubelets for a cluster, as a program: for demonstrations.
///
/// `KubeletSimulator ADMIN_KUBECONFIG CA_FILE NAME=KIND...`, where KIND is `hardened`, `defaults`,
/// or a behaviour such as `refuse` or `hang_after_request`. Writes the CA to CA_FILE, registers the
/// nodes, prints READY, and takes all back when its stdin ends.
public final class KubeletSimulator {
  private KubeletSimulator() {}

  public static void main(String[] args) throws IOException {
    if (args.length < 3) {
      System.err.println("usage: KubeletSimulator ADMIN_KUBECONFIG CA_FILE NAME=KIND...");
      System.exit(2);
    }
    var config = Config.fromKubeconfig(Path.of(args[0]).toFile());
    try (var admin = new KubernetesClientBuilder().withConfig(config).build();
        var fleet = KubeletFleet.start(admin)) {
      Files.copy(fleet.caFile(), Path.of(args[1]), StandardCopyOption.REPLACE_EXISTING);
      for (var node : Arrays.asList(args).subList(2, args.length)) {
        var parts = node.split("=", 2);
        shape(fleet.node(parts[0]), parts[1]).start();
      }
      System.out.println("READY");
      while (System.in.read() >= 0) {
        // until whoever started us is gone
      }
    }
    System.exit(0); // threads of the Kubernetes client would go on
  }

  private static SimulatedKubelet shape(SimulatedKubelet kubelet, String kind) {
    return switch (kind) {
      case "defaults" -> kubelet.defaults();
      case "hardened" -> kubelet.hardened();
      default -> kubelet.behave(Behaviour.valueOf(kind.toUpperCase(Locale.ROOT)));
    };
  }
}
