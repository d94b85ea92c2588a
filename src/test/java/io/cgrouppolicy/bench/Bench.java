package io.cgrouppolicy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.bench.RawClient.Request;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.function.BooleanSupplier;

/// Measures the operator against the API server's own limit, in one run on one cluster: see
/// `make bench`. A program, not a test: it asserts nothing but that the work is done.
public final class Bench {
  private static final String APPLY = "application/apply-patch+yaml";
  private static final String LIMIT_RANGE =
      """
      {"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"NAME","labels":{"a":"b"}},\
      "spec":{"limits":[{"type":"Container","default":{"memory":"512Mi"},\
      "defaultRequest":{"cpu":"100m","memory":"128Mi"}}]}}""";
  private static final String QUOTA =
      """
      {"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"NAME","labels":{"a":"b"}},\
      "spec":{"hard":{"limits.memory":"80Gi","pods":"200","requests.cpu":"20",\
      "requests.memory":"40Gi"}}}""";

  private final int n;
  private final KubernetesClient admin = withToken(LocalCluster.get().admin());
  private final RawClient raw = new RawClient(admin);
  private final ObjectMapper json = new ObjectMapper();
  private final ObjectNode result = json.createObjectNode();

  private Bench(int n) {
    this.n = n;
    result.put("namespaces", n);
  }

  public static void main(String[] args) throws Exception {
    var results = new ArrayList<ObjectNode>();
    for (var n : args) {
      results.add(new Bench(Integer.parseInt(n)).run());
    }
    var file = Path.of("target/bench.json");
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), results);
    System.out.println("as JSON: " + file);
    System.exit(0);
  }

  /// A client with a token: with a client certificate, fabric8 reads the kubeconfig again before
  /// every request once it is a minute old, which would slow the raw limit down.
  private static KubernetesClient withToken(KubernetesClient admin) {
    var account =
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withName("bench")
            .withNamespace("default")
            .endMetadata()
            .build();
    admin.resource(account).createOr(existing -> existing.update());
    admin
        .resource(
            new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName("bench")
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                .addNewSubject("", "ServiceAccount", "bench", "default")
                .build())
        .createOr(existing -> existing.update());
    var token =
        admin
            .serviceAccounts()
            .inNamespace("default")
            .withName("bench")
            .tokenRequest(
                new TokenRequestBuilder()
                    .withNewSpec()
                    .withExpirationSeconds(86_400L)
                    .endSpec()
                    .build())
            .getStatus()
            .getToken();
    var config =
        new ConfigBuilder()
            .withAutoConfigure(false)
            .withMasterUrl(admin.getConfiguration().getMasterUrl())
            .withCaCertData(admin.getConfiguration().getCaCertData())
            .withOauthToken(token)
            .build();
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private ObjectNode run() throws Exception {
    System.out.printf("%n%d namespaces, two objects each, 32 requests in flight%n", n);
    double create = raw.run(n, i -> namespaces("one", i));
    double cold = raw.run(n, i -> applies("one", "raw", i));
    double warm = raw.run(n, i -> applies("one", "raw2", i));
    double delete = raw.run(n, i -> deletes("one", "raw", i));
    raw.run(n, i -> deletes("one", "raw2", i));
    row("(a) raw limit: apply, first time", cold, 0);
    row("(a) raw limit: apply, again", warm, 0);

    try (var operator = OperatorProcess.start()) {
      await(operator::leads);
      double existing = time(() -> apply(), () -> quotas() >= n);
      row("(c) policy applied to existing namespaces, cold", existing, warm);
      double deleted =
          time(
              () -> raw.run(n, i -> deletes("one", "cgroup-policy", i)),
              () -> quotas() >= n && limitRanges() >= n);
      row("(d) all objects deleted by hand (raw: delete + apply)", deleted, delete + warm);
      double fresh = time(() -> raw.run(n, i -> namespaces("two", i)), () -> quotas() >= 2L * n);
      row("(b) new namespaces (raw: create + apply)", fresh, create + warm);
      lag();
      result.put("rssMiB", operator.rssMiB());
      System.out.printf("(g) RSS %d MiB, CPU %.1f s%n", operator.rssMiB(), operator.cpuSeconds());
      result.put("cpuSeconds", operator.cpuSeconds());
    }
    int before = LocalCluster.get().operatorWrites().size();
    long start = System.nanoTime();
    try (var operator = OperatorProcess.start()) {
      await(operator::leads);
      await(() -> gauge(operator) >= 2L * n);
      row("(f) restart until all is judged again", (System.nanoTime() - start) / 1e9, 0);
    }
    int writes = LocalCluster.get().operatorWrites().size() - before;
    result.put("restartWrites", writes);
    System.out.printf("(f) writes of the restart: %d%n", writes);
    cleanUp();
    return result;
  }

  private void row(String name, double seconds, double rawSeconds) {
    var entry = result.putObject(name);
    entry.put("seconds", seconds);
    if (rawSeconds > 0) {
      entry.put("ratio", seconds / rawSeconds);
      System.out.printf(
          "%-56s %7.2f s  %6.0f objects/s  %.2f x raw%n",
          name, seconds, 2 * n / seconds, seconds / rawSeconds);
    } else {
      System.out.printf("%-56s %7.2f s  %6.0f objects/s%n", name, seconds, 2 * n / seconds);
    }
  }

  /// From the answer to the creation of a namespace to both objects in it.
  private void lag() {
    var millis = new ArrayList<Double>();
    for (int i = 0; i < 100; i++) {
      var name = "bench-lag-" + n + "-" + i;
      raw.run(1, x -> new Request[] {namespace(name)});
      millis.add(
          1000
              * time(
                  () -> {},
                  () ->
                      admin.resourceQuotas().inNamespace(name).withName("cgroup-policy").get()
                          != null));
      admin.namespaces().withName(name).delete();
    }
    millis.sort(null);
    result.put("lagMillisP50", millis.get(49)).put("lagMillisP99", millis.get(98));
    System.out.printf(
        "(e) one new namespace: p50 %.0f ms, p99 %.0f ms%n", millis.get(49), millis.get(98));
  }

  private void apply() {
    admin
        .resource(
            admin
                .getKubernetesSerialization()
                .unmarshal(
                    """
                    apiVersion: cgroup-policy.io/v1alpha1
                    kind: CgroupPolicy
                    metadata: {name: bench}
                    spec:
                      mode: Enforce
                      namespaces:
                        selector: {matchLabels: {bench: "yes"}}
                        limitRange:
                          limits:
                          - type: Container
                            default: {memory: 512Mi}
                            defaultRequest: {cpu: 100m, memory: 128Mi}
                        resourceQuota:
                          hard: {requests.cpu: "20", requests.memory: 40Gi, limits.memory: 80Gi, pods: "200"}
                    """,
                    CgroupPolicy.class))
        .create();
  }

  private void cleanUp() {
    admin.resources(CgroupPolicy.class).withName("bench").delete();
    raw.run(n, i -> new Request[] {delete("api/v1/namespaces/" + name("one", i))});
    raw.run(n, i -> new Request[] {delete("api/v1/namespaces/" + name("two", i))});
  }

  private String name(String set, int i) {
    return "bench-" + n + "-" + set + "-" + i;
  }

  private Request[] namespaces(String set, int i) {
    return new Request[] {namespace(name(set, i))};
  }

  private static Request namespace(String name) {
    return new Request(
        "POST",
        "api/v1/namespaces",
        "application/json",
        "{\"metadata\":{\"name\":\"" + name + "\",\"labels\":{\"bench\":\"yes\"}}}");
  }

  private Request[] applies(String set, String object, int i) {
    var query = "?fieldManager=raw&force=true";
    var base = "api/v1/namespaces/" + name(set, i);
    return new Request[] {
      new Request(
          "PATCH",
          base + "/limitranges/" + object + query,
          APPLY,
          LIMIT_RANGE.replace("NAME", object)),
      new Request(
          "PATCH", base + "/resourcequotas/" + object + query, APPLY, QUOTA.replace("NAME", object))
    };
  }

  private Request[] deletes(String set, String object, int i) {
    var base = "api/v1/namespaces/" + name(set, i);
    return new Request[] {
      delete(base + "/resourcequotas/" + object), delete(base + "/limitranges/" + object)
    };
  }

  private static Request delete(String path) {
    return new Request("DELETE", path, "application/json", "{}");
  }

  private long quotas() {
    return count("resourcequotas");
  }

  private long limitRanges() {
    return count("limitranges");
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

  private static long gauge(OperatorProcess operator) {
    try {
      return operator
          .get("/q/metrics")
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

  private static double time(Runnable work, BooleanSupplier done) {
    long start = System.nanoTime();
    work.run();
    await(done);
    return (System.nanoTime() - start) / 1e9;
  }

  private static void await(BooleanSupplier done) {
    org.awaitility.Awaitility.await()
        .atMost(java.time.Duration.ofMinutes(5))
        .pollDelay(java.time.Duration.ZERO)
        .pollInterval(java.time.Duration.ofMillis(5))
        .until(done::getAsBoolean);
  }
}
