package io.cgrouppolicy.testing.kubelet;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Locale;

/// Kubelets for a cluster, as a program: for demonstrations and measurements.
///
/// `KubeletSimulator ADMIN_KUBECONFIG CA_FILE NODES=KIND[,PATCH]...`, where NODES is a name, or
/// `PREFIX:N` for PREFIX-0 and so on; KIND is `hardened`, `defaults`, or a behaviour such as
/// `refuse` or `hang_after_request`; PATCH is a JSON merge patch of the configuration. Writes the
/// CA to CA_FILE, registers the nodes, prints READY, and takes all back when its stdin ends.
public final class KubeletSimulator {
  private KubeletSimulator() {}

  public static void main(String[] args) throws IOException {
    if (args.length < 3) {
      System.err.println("usage: KubeletSimulator ADMIN_KUBECONFIG CA_FILE NODES=KIND[,PATCH]...");
      System.exit(2);
    }
    var config = Config.fromKubeconfig(Path.of(args[0]).toFile());
    try (var admin = new KubernetesClientBuilder().withConfig(config).build();
        var fleet = KubeletFleet.start(admin)) {
      Files.copy(fleet.caFile(), Path.of(args[1]), StandardCopyOption.REPLACE_EXISTING);
      for (var nodes : Arrays.asList(args).subList(2, args.length)) {
        add(fleet, nodes);
      }
      System.out.println("READY");
      while (System.in.read() >= 0) {
        // until whoever started us is gone
      }
    }
    System.exit(0); // threads of the Kubernetes client would go on
  }

  private static void add(KubeletFleet fleet, String nodes) {
    var parts = nodes.split("=", 2);
    var names = parts[0].split(":", 2);
    if (names.length == 1) {
      shape(fleet.node(names[0]), parts[1]).start();
    } else {
      fleet.nodes(names[0], Integer.parseInt(names[1]), kubelet -> shape(kubelet, parts[1]));
    }
  }

  private static SimulatedKubelet shape(SimulatedKubelet kubelet, String description) {
    var parts = description.split(",", 2);
    switch (parts[0]) {
      case "defaults" -> kubelet.defaults();
      case "hardened" -> kubelet.hardened();
      default -> kubelet.behave(Behaviour.valueOf(parts[0].toUpperCase(Locale.ROOT)));
    }
    return parts.length == 1 ? kubelet : kubelet.patch(parts[1]);
  }
}
