package io.cgrouppolicy.testing.kubelet;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Runs simulated kubelets for a cluster, for demonstrations and measurements.
///
/// `KubeletSimulator [--run-pods] ADMIN_KUBECONFIG CA_FILE NODES=KIND[,PATCH]...`, where NODES is a
/// name, or `PREFIX:N` for PREFIX-0 and so on, and KIND is
///
/// - `hardened`, `defaults`, or a behavior such as `refuse` or `hang_after_request`; PATCH is a
///   JSON merge patch of the configuration;
/// - `memory:PERCENT[,NAMESPACE/POD=GIB]...`: defaults, with all tasks stalled on memory for this
///   share of the last minute, and this memory usage of pods.
///
/// Writes the CA to CA_FILE, registers the nodes and prints READY. Each line of stdin is another
/// NODES=KIND, which changes the kind of an existing node. Removes everything when stdin ends. With
/// `--run-pods`, simulates the pods that are bound to a node.
public final class KubeletSimulator {
  private static final String PODS = "--run-pods";
  private static final String MEMORY = "memory:";

  private final KubeletFleet fleet;
  private final Map<String, SimulatedKubelet> byName = new HashMap<>();

  private KubeletSimulator(KubeletFleet fleet) {
    this.fleet = fleet;
  }

  public static void main(String[] args) throws IOException {
    var given = Arrays.asList(args);
    boolean pods = !given.isEmpty() && given.getFirst().equals(PODS);
    if (pods) {
      given = given.subList(1, given.size());
    }
    if (given.size() < 3) {
      System.err.println(
          "usage: KubeletSimulator [--run-pods] ADMIN_KUBECONFIG CA_FILE NODES=KIND[,PATCH]...");
      System.exit(2);
    }
    run(given.get(0), Path.of(given.get(1)), given.subList(2, given.size()), pods);
    System.exit(0); // threads of the Kubernetes client would keep running
  }

  private static void run(String kubeconfig, Path caFile, List<String> nodes, boolean pods)
      throws IOException {
    var config = Config.fromKubeconfig(Path.of(kubeconfig).toFile());
    try (var admin = new KubernetesClientBuilder().withConfig(config).build();
        var fleet = KubeletFleet.start(admin)) {
      Files.copy(fleet.caFile(), caFile, StandardCopyOption.REPLACE_EXISTING);
      var simulator = new KubeletSimulator(fleet);
      nodes.forEach(simulator::put);
      if (pods) {
        SimulatedPods.run(admin);
      }
      System.out.println("READY");
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
          .lines() // until the parent process ends
          .forEach(simulator::put);
    }
  }

  private void put(String nodes) {
    var parts = nodes.split("=", 2);
    var names = parts[0].split(":", 2);
    if (names.length == 2) {
      fleet.nodes(names[0], Integer.parseInt(names[1]), kubelet -> shape(kubelet, parts[1]));
    } else if (byName.containsKey(names[0])) {
      shape(byName.get(names[0]), parts[1]);
    } else {
      byName.put(names[0], shape(fleet.node(names[0]), parts[1]).start());
    }
  }

  private static SimulatedKubelet shape(SimulatedKubelet kubelet, String description) {
    var parts = description.split(",", 2);
    var kind = parts[0];
    if (kind.startsWith(MEMORY)) {
      return kubelet.defaults().summary(memory(description.substring(MEMORY.length())));
    }
    switch (kind) {
      case "defaults" -> kubelet.defaults();
      case "hardened" -> kubelet.hardened();
      default -> kubelet.behave(Behaviour.valueOf(kind.toUpperCase(Locale.ROOT)));
    }
    return parts.length == 1 ? kubelet : kubelet.patch(parts[1]);
  }

  /// @param description `PERCENT[,NAMESPACE/POD=GIB]...`
  private static Summary memory(String description) {
    var parts = description.split(",");
    double percent = Double.parseDouble(parts[0]);
    var summary = Summary.quiet().psi("memory", "full", percent, percent);
    for (var pod : Arrays.asList(parts).subList(1, parts.length)) {
      var used = pod.split("=", 2);
      var name = used[0].split("/", 2);
      summary.pod(name[0], name[1], (long) (Double.parseDouble(used[1]) * (1L << 30)));
    }
    return summary;
  }
}
