package io.cgrouppolicy.bench;

import io.cgrouppolicy.kubelet.client.KubeletReader;
import io.cgrouppolicy.kubelet.client.KubeletResponse;
import io.cgrouppolicy.kubelet.client.ReaderOptions;
import io.cgrouppolicy.testing.kubelet.Behaviour;
import io.cgrouppolicy.testing.kubelet.KubeletFleet;
import io.cgrouppolicy.testing.kubelet.SimulatedKubelet;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.stream.Collectors;

/// Measures the reader of kubelets alone: sweeps over so many simulated kubelets, which run in a
/// process of their own, without a cluster. `KubeletSweep KUBELETS HANGING [CONCURRENCY]`. Run it
/// with the operator's own JVM flags (config/jvm.options).
public final class KubeletSweep {
  private static final String TOKEN = "a-token-of-about-the-usual-length-".repeat(30);

  private KubeletSweep() {}

  public static void main(String[] args) throws Exception {
    int n = Integer.parseInt(args[0]);
    int hanging = Integer.parseInt(args[1]);
    if (args.length > 2 && args[2].equals("serve")) {
      serve(n, hanging);
      return;
    }
    int concurrency = args.length > 2 ? Integer.parseInt(args[2]) : 32;
    var simulator =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                KubeletSweep.class.getName(),
                args[0],
                args[1],
                "serve")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var lines =
        new BufferedReader(
            new InputStreamReader(simulator.getInputStream(), StandardCharsets.UTF_8))) {
      var caFile = Path.of(lines.readLine());
      var nodes = new ArrayList<Node>();
      for (var line = lines.readLine(); !line.equals("READY"); line = lines.readLine()) {
        nodes.add(node(line.split(" ")));
      }
      Collections.shuffle(nodes, new Random(1));
      var options =
          new ReaderOptions(
              ReaderOptions.Access.DIRECT,
              Optional.of(caFile),
              false,
              Duration.ofSeconds(5),
              concurrency,
              1 << 20);
      System.out.printf("%d kubelets, %d of them hang, %d in flight%n", n, hanging, concurrency);
      try (var reader = new KubeletReader(options, config())) {
        for (int i = 1; i <= 4; i++) {
          sweep(i, reader, nodes, simulator);
        }
        System.gc();
        var memory = Runtime.getRuntime();
        System.out.printf(
            "heap in use after a collection: %d MiB%n",
            (memory.totalMemory() - memory.freeMemory()) >> 20);
      }
    } finally {
      simulator.getOutputStream().close();
      simulator.waitFor();
    }
  }

  private static Config config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl("https://127.0.0.1:1")
        .withOauthToken(TOKEN)
        .build();
  }

  private static void sweep(int number, KubeletReader reader, List<Node> nodes, Process simulator) {
    double clientBefore = cpu(ProcessHandle.current());
    double simulatorBefore = cpu(simulator.toHandle());
    long start = System.nanoTime();
    var lastBody = new DoubleAccumulator(Math::max, 0);
    var answers =
        nodes.stream()
            .map(
                node ->
                    reader
                        .read(node, "/configz")
                        .whenComplete(
                            (response, e) -> {
                              if (response instanceof KubeletResponse.Body) {
                                lastBody.accumulate((System.nanoTime() - start) / 1e9);
                              }
                            }))
            .toList();
    CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).join();
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<String, Long> kinds =
        answers.stream()
            .map(CompletableFuture::join)
            .collect(
                Collectors.groupingBy(KubeletSweep::kind, TreeMap::new, Collectors.counting()));
    System.out.printf(
        "sweep %d: %6.2f s (the last body after %.2f s)  client CPU %.2f ms and simulator CPU"
            + " %.2f ms a kubelet  RSS %d MiB  %s%n",
        number,
        seconds,
        lastBody.get(),
        1000 * (cpu(ProcessHandle.current()) - clientBefore) / nodes.size(),
        1000 * (cpu(simulator.toHandle()) - simulatorBefore) / nodes.size(),
        rssMiB(),
        kinds);
  }

  private static String kind(KubeletResponse response) {
    return switch (response) {
      case KubeletResponse.Body body -> "Body";
      case KubeletResponse.Failure failure -> failure.reason().name();
    };
  }

  private static double cpu(ProcessHandle process) {
    return process.info().totalCpuDuration().orElseThrow().toMillis() / 1000.0;
  }

  private static long rssMiB() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow()
          / 1024;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void serve(int n, int hanging) throws IOException {
    try (var fleet = KubeletFleet.withoutCluster(TOKEN)) {
      System.out.println(fleet.caFile());
      var half = hanging / 2;
      fleet
          .nodes("hangs-early", half, k -> k.behave(Behaviour.HANG_BEFORE_HANDSHAKE))
          .forEach(KubeletSweep::print);
      fleet
          .nodes("hangs-late", hanging - half, k -> k.behave(Behaviour.HANG_AFTER_REQUEST))
          .forEach(KubeletSweep::print);
      fleet.nodes("node", n - hanging, k -> k.hardened()).forEach(KubeletSweep::print);
      System.out.println("READY");
      while (System.in.read() >= 0) {
        // until the sweeps are done
      }
    }
  }

  private static void print(SimulatedKubelet kubelet) {
    var node = kubelet.node();
    System.out.println(
        node.getMetadata().getName()
            + " "
            + node.getStatus().getAddresses().getFirst().getAddress()
            + " "
            + node.getStatus().getDaemonEndpoints().getKubeletEndpoint().getPort());
  }

  private static Node node(String[] fields) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(fields[0])
        .endMetadata()
        .withNewStatus()
        .addNewAddress(fields[1], "InternalIP")
        .withNewDaemonEndpoints()
        .withNewKubeletEndpoint(Integer.valueOf(fields[2]))
        .endDaemonEndpoints()
        .endStatus()
        .build();
  }
}
