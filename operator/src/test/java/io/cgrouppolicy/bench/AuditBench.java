package io.cgrouppolicy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.bench.RawClient.Request;
import io.cgrouppolicy.testing.LocalCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Measures `kubectl cgp audit`, as `make cli` builds it, on so many namespaces with ten pods each,
/// beside the time in which the API server lists the pods: see `make bench`. A program, not a test:
/// it asserts nothing but that every pod is counted.
public final class AuditBench {
  private static final int PODS = 10;
  private static final int RUNS = 3;
  private static final Path COMMAND = Path.of("target/cli/kubectl-cgp/kubectl-cgp");

  private final int n;
  private final KubernetesClient admin = BenchAccount.client(LocalCluster.get().admin());
  private final ObjectNode result = new ObjectMapper().createObjectNode();

  private AuditBench(int n) {
    this.n = n;
    result.put("namespaces", n);
    result.put("pods", n * PODS);
  }

  public static void main(String[] args) {
    BenchProgram.main(args, "bench-audit", n -> new AuditBench(n).run());
  }

  private ObjectNode run() throws Exception {
    System.out.printf("%n%d pods in %d namespaces%n", n * PODS, n);
    var lean = RawClient.lean(admin);
    lean.run(n, i -> Requests.namespace("bench-" + i, true));
    lean.run(n * PODS, i -> new Request[] {Requests.pod("bench-" + i / PODS, "pod-" + i, i, "")});
    Bench.settle();
    for (int run = 1; run <= RUNS; run++) {
      long start = System.nanoTime();
      admin.raw("/api/v1/pods?resourceVersion=0");
      row("raw: list the pods, seconds", Bench.seconds(start));
      audit();
    }
    return result;
  }

  private void row(String title, double value) {
    result.withArray(title).add(value);
    System.out.printf("%-60s %10.2f%n", title, value);
  }

  private void audit() throws IOException, InterruptedException {
    var output = Path.of("target/bench-audit.out");
    long start = System.nanoTime();
    var process =
        new ProcessBuilder(
                COMMAND.toString(),
                "audit",
                "--preset=baseline",
                "--output=table",
                "--kubeconfig=" + LocalCluster.get().adminKubeconfig())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    long memory = 0;
    while (process.isAlive()) {
      memory = Math.max(memory, residentKiB(process.pid()));
      Thread.sleep(20);
    }
    row("audit, seconds", Bench.seconds(start));
    row("audit, most resident memory, MiB", memory / 1024.0);
    var said = Files.readString(output);
    if (!said.contains("of %d pods in violation".formatted(n * PODS))) {
      throw new AssertionError("the audit did not count all pods:\n" + said);
    }
  }

  private static long residentKiB(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0; // it has just ended
    }
  }
}
