package io.cgrouppolicy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.awaitility.Awaitility;

/// Measures the operator against the API server's own limit, in one run on one fresh cluster: see
/// `make bench`. A program, not a test: it asserts nothing but that the work is done.
///
/// A cold operator has just started and has not written yet; a warm one has done the same before.
public final class Bench {
  private static final String OURS = "cgroup-policy";

  private final int n;
  private final KubernetesClient admin = BenchAccount.client(LocalCluster.get().admin());
  private final RawClient plain = RawClient.plain(admin);
  private final RawClient lean = RawClient.lean(admin);
  private final GoClient go = new GoClient(admin);
  private final ObjectMapper json = new ObjectMapper();
  private final ObjectNode result = json.createObjectNode();

  /// Seconds of the raw limit, by client.
  ///
  /// @param namespaces what it takes to create them
  /// @param write what it takes to write both objects into each
  private record Raw(double namespaces, double write, double delete) {}

  private final Map<String, Raw> limits = new LinkedHashMap<>();

  private Bench(int n) throws Exception {
    this.n = n;
    result.put("namespaces", n);
  }

  public static void main(String[] args) {
    BenchProgram.main(args, "bench", n -> new Bench(n).run());
  }

  private ObjectNode run() throws Exception {
    System.out.printf(
        "%n%d namespaces, two objects each, %d requests in flight%n", n, RawClient.CONCURRENCY);
    rawLimits();
    System.out.printf("%n%-44s %9s %10s", "", "seconds", "objects/s");
    limits.keySet().forEach(client -> System.out.printf(" %11s", "x " + client));
    System.out.println();
    try (var operator = OperatorProcess.start()) {
      await(operator::leads);
      apply();
      settle();
      create("one", "(b) new namespaces, cold", 1);
      settle(); // the last status is written
      result.put("rssMiB", operator.rssMiB());
    }
    try (var operator = restarted("one", 1)) {
      deleteByHand("(d) all objects deleted by hand, cold");
      deleteByHand("(d) all objects deleted by hand, warm");
      existing("(c) policy applied to existing, warm");
      removePolicy();
    }
    try (var operator = OperatorProcess.start()) {
      await(operator::leads);
      settle();
      existing("(c) policy applied to existing, cold");
      lag();
      create("two", "(b) new namespaces, warm", 2);
      result.put("rssMiBDoubled", operator.rssMiB());
      result.put("cpuSeconds", operator.cpuSeconds());
      System.out.printf(
          "(g) RSS %d MiB at %d namespaces, %d MiB at %d; CPU of the last process %.1f s%n",
          result.path("rssMiB").asLong(), n, operator.rssMiB(), 2 * n, operator.cpuSeconds());
    }
    return result;
  }

  /// (a): the second pass of each client counts, as the first one pays for a JIT.
  private void rawLimits() throws Exception {
    double namespaces = plain.run(n, i -> Requests.namespace(name("raw", i), false));
    settle();
    double goNamespaces = go.run("namespaces", n, "bench-go-", "");
    rawLimit("plain", namespaces, plain);
    rawLimit("lean", namespaces, lean);
    rawLimit("Go apply", goNamespaces, "apply");
    rawLimit("Go create", goNamespaces, "create");
  }

  private void rawLimit(String title, double namespaces, RawClient client) throws Exception {
    rawLimit(
        title,
        namespaces,
        () -> client.run(n, i -> Requests.applies(name("raw", i), "raw")),
        () -> client.run(n, i -> Requests.deletes(name("raw", i), "raw")));
  }

  private void rawLimit(String title, double namespaces, String work) throws Exception {
    rawLimit(
        title,
        namespaces,
        () -> go.run(work, n, "bench-raw-", "raw"),
        () -> go.run("delete", n, "bench-raw-", "raw"));
  }

  private void rawLimit(
      String title, double namespaces, Callable<Double> write, Callable<Double> delete)
      throws Exception {
    for (var pass : new String[] {"first time", "again"}) {
      settle();
      double written = write.call();
      row("(a) raw limit, " + title + ", " + pass, written, null);
      settle();
      limits.put(title, new Raw(namespaces, written, delete.call()));
    }
  }

  /// (b)
  private void create(String set, String title, int sets) throws Exception {
    settle();
    long start = System.nanoTime();
    lean.run(n, i -> Requests.namespace(name(set, i), true));
    await(() -> count("resourcequotas") >= (long) sets * n);
    row(title, seconds(start), raw -> raw.namespaces() + raw.write());
  }

  /// (c)
  private void existing(String title) throws Exception {
    removePolicy();
    settle();
    long start = System.nanoTime();
    apply();
    await(() -> count("resourcequotas") >= n);
    row(title, seconds(start), Raw::write);
  }

  /// (d)
  private void deleteByHand(String title) throws Exception {
    settle();
    long start = System.nanoTime();
    lean.run(n, i -> Requests.deletes(name("one", i), OURS));
    await(() -> count("resourcequotas") >= n && count("limitranges") >= n);
    row(title, seconds(start), raw -> raw.delete() + raw.write());
  }

  /// (f)
  private OperatorProcess restarted(String set, int sets) throws Exception {
    settle();
    int before = LocalCluster.get().operatorWrites().size();
    long start = System.nanoTime();
    var operator = OperatorProcess.start();
    await(() -> compliant(operator) >= (long) sets * n);
    double seconds = seconds(start);
    settle();
    var all = LocalCluster.get().operatorWrites();
    var writes = all.subList(before, all.size());
    result.putObject("(f) restart").put("seconds", seconds).put("writes", writes.size());
    System.out.printf(
        "(f) restart until all is judged again: %.1f s, %d writes %s%n",
        seconds, writes.size(), writes.stream().limit(3).toList());
    return operator;
  }

  /// (e), (h)
  private void lag() throws Exception {
    for (boolean burst : new boolean[] {false, true}) {
      settle();
      var millis = new ProtectionLag(admin, lean).measure(name("lag-" + burst, 0), burst);
      var title =
          burst ? "(h) 100 new namespaces back to back" : "(e) one new namespace, 100 times";
      result
          .putObject(title)
          .put("p50", millis.get(49))
          .put("p99", millis.get(98))
          .put("worst", millis.getLast());
      System.out.printf(
          "%s: both objects after p50 %.0f ms, p99 %.0f ms, worst %.0f ms%n",
          title, millis.get(49), millis.get(98), millis.getLast());
      await(() -> count("resourcequotas") <= n);
    }
  }

  /// @param limit what a client took for the same work, or null
  private void row(String title, double seconds, ToDoubleFunction<Raw> limit) {
    var entry = result.putObject(title).put("seconds", seconds);
    System.out.printf("%-44s %9.2f %10.0f", title, seconds, 2 * n / seconds);
    if (limit != null) {
      limits.forEach(
          (client, raw) -> {
            double times = seconds / limit.applyAsDouble(raw);
            entry.put("x " + client, times);
            System.out.printf(" %11.2f", times);
          });
    }
    System.out.println();
  }

  private void apply() {
    admin
        .resource(admin.getKubernetesSerialization().unmarshal(Requests.POLICY, CgroupPolicy.class))
        .create();
  }

  private void removePolicy() {
    admin.resources(CgroupPolicy.class).withName("bench").delete();
    await(() -> count("resourcequotas") == 0 && count("limitranges") == 0);
  }

  private String name(String set, int i) {
    return "bench-" + set + "-" + i;
  }

  /// Exact and cheap: the server says how many are left behind the first.
  private long count(String plural) {
    try {
      var list = json.readTree(admin.raw("/api/v1/" + plural + "?limit=1"));
      return list.path("items").size() + list.path("metadata").path("remainingItemCount").asLong(0);
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static long compliant(OperatorProcess operator) {
    try {
      return operator
          .metrics()
          .lines()
          .filter(
              l -> l.startsWith("cgroup_policy_namespaces{policy=\"bench\",state=\"compliant\"}"))
          .mapToLong(l -> (long) Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
          .findFirst()
          .orElse(0);
    } catch (AssertionError notListeningYet) {
      return 0;
    }
  }

  /// Until the controllers have caught up with what was done before: a second with few writes.
  static void settle() {
    var last = new long[] {-1, -1};
    Awaitility.await()
        .atMost(Duration.ofMinutes(5))
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              last[0] = last[1];
              last[1] = LocalCluster.get().auditBytes();
              return last[0] >= 0 && last[1] - last[0] < 10_000;
            });
  }

  static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  /// As [#await], for what costs the server nothing to look at.
  static void closely(BooleanSupplier done) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(done::getAsBoolean);
  }

  static void await(BooleanSupplier done) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(5))
        .pollDelay(Duration.ZERO)
        // Counting is work for the server, and the more, the more there is to count: too often, and
        // the operator pays for being watched.
        .pollInterval(Duration.ofMillis(250))
        .until(done::getAsBoolean);
  }
}
