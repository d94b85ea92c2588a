package io.cgrouppolicy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorModule;
import io.cgrouppolicy.testing.OperatorProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Measures how the operator starts with different flags of the JVM and packagings, in turns, on a
/// cluster with N namespaces under a policy: docs/adr/0009. A program, and a choice to be made
/// again with each JDK; not part of `make bench`.
///
/// `start/fast-jar` and `start/aot-jar` in the operator's target directory are Quarkus' two
/// packagings, of `mvn package -pl operator -Dquarkus.package.jar.type=...`.
public final class StartBench {
  private static final int ROUNDS = Integer.getInteger("rounds", 3);
  private static final Path PACKAGED = OperatorModule.TARGET.resolve("start");
  private static final String COMPACT = "-XX:+UseCompactObjectHeaders";

  private final int n;
  private final ObjectNode result = new ObjectMapper().createObjectNode();

  /// @param trained whether the JVM has a cache, of a run before with the same flags
  private record Variant(String packaging, boolean trained, List<String> flags) {
    Path cache() {
      return PACKAGED
          .resolve(packaging + (flags.isEmpty() ? "" : "-compact") + ".aot")
          .toAbsolutePath();
    }

    OperatorProcess start(String... more) {
      var all = new ArrayList<>(flags);
      all.addAll(List.of(more));
      return new OperatorProcess(
          OperatorProcess.command(PACKAGED.resolve(packaging), all), Map.of());
    }
  }

  private StartBench(int n) {
    this.n = n;
  }

  public static void main(String[] args) {
    BenchProgram.main(args, "start", n -> new StartBench(n).run());
  }

  private ObjectNode run() throws Exception {
    var variants = new LinkedHashMap<String, Variant>();
    variants.put("fast-jar", new Variant("fast-jar", false, List.of()));
    variants.put("fast-jar compact", new Variant("fast-jar", false, List.of(COMPACT)));
    variants.put("fast-jar cache compact", new Variant("fast-jar", true, List.of(COMPACT)));
    variants.put("aot-jar compact", new Variant("aot-jar", false, List.of(COMPACT)));
    variants.put("aot-jar cache", new Variant("aot-jar", true, List.of()));
    variants.put("aot-jar cache compact", new Variant("aot-jar", true, List.of(COMPACT)));

    var admin = BenchAccount.client(LocalCluster.get().admin());
    var lean = RawClient.lean(admin);
    lean.run(n, i -> Requests.namespace("start-" + i, true));
    if (n > 0) {
      admin
          .resource(
              admin.getKubernetesSerialization().unmarshal(Requests.POLICY, CgroupPolicy.class))
          .create();
    }
    try (var first = OperatorProcess.start()) {
      Bench.await(() -> done(first));
      Bench.settle();
    }
    for (var variant : variants.values()) {
      if (variant.trained() && !Files.exists(variant.cache())) {
        try (var training = variant.start("-XX:AOTCacheOutput=" + variant.cache())) {
          Bench.await(() -> done(training));
          Bench.settle();
        }
      }
    }
    System.out.printf("%n%d namespaces%n%-24s", n, "");
    System.out.printf(
        "%9s %9s %9s %9s %9s%n", "leads s", "judged s", "CPU s", "RSS MiB", "anon MiB");
    var quiet = Path.of(System.getProperty("quiet", "target/quiet"));
    Files.createFile(quiet);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        for (var entry : variants.entrySet()) {
          measure(entry.getKey(), entry.getValue());
        }
      }
    } finally {
      Files.delete(quiet);
    }
    return result;
  }

  private void measure(String name, Variant variant) {
    long start = System.nanoTime();
    try (var operator =
        variant.trained() ? variant.start("-XX:AOTCache=" + variant.cache()) : variant.start()) {
      Bench.closely(operator::leads);
      double leads = Bench.seconds(start);
      Bench.closely(() -> done(operator));
      double judged = Bench.seconds(start);
      double cpu = operator.cpuSeconds();
      Bench.settle();
      long rss = operator.rssMiB();
      long anonymous = operator.statusMiB("RssAnon");
      double heap = operator.liveHeapBytes() / 1048576.0;
      result
          .withArray(name)
          .addObject()
          .put("leads", leads)
          .put("judged", judged)
          .put("cpu", cpu)
          .put("rssMiB", rss)
          .put("anonMiB", anonymous)
          .put("heapMiB", heap);
      System.out.printf(
          "%-24s%9.2f %9.2f %9.2f %9d %9d %9.1f%n", name, leads, judged, cpu, rss, anonymous, heap);
    }
  }

  private boolean done(OperatorProcess operator) {
    return operator.leads() && (n == 0 || Bench.compliant(operator) >= n);
  }
}
