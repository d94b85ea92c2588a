package io.cgrouppolicy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.bench.RawClient.Request;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/// Measures the packaged operator on so many pods, on one fresh cluster: see `make bench`. Pods are
/// real objects, 50 to a namespace and node; no kubelet runs them. None has a controller, so that
/// there is nothing to group findings by, and a fifth have a container without a memory limit. A
/// program, not a test: it asserts nothing but that every pod is counted.
public final class PodBench {
  private static final int TO_A_NAMESPACE = 50;
  private static final int SAMPLES = 100;
  private static final int CHANGES_A_SECOND = 100;
  private static final int SECONDS_OF_CHANGE = 30;

  /// From one pod that is replaced to the next, so that they are all over the cluster.
  private static final int STRIDE = 7;

  private static final String POLICY =
      """
      apiVersion: cgroup-policy.io/v1alpha1
      kind: CgroupPolicy
      metadata: {name: bench}
      spec:
        namespaces:
          selector: {matchLabels: {bench: "yes"}}
          limitRange:
            limits:
            - type: Container
              default: {memory: 512Mi}
              defaultRequest: {cpu: 100m, memory: 128Mi}
        workloads:
          requireLimits: [memory]
          requireRequests: [memory]
          allowBestEffort: false
        nodes:
          selector: {}
      """;

  private final int n;
  private final KubernetesClient admin = BenchAccount.client(LocalCluster.get().admin());
  private final RawClient lean = RawClient.lean(admin);
  private final ObjectNode result = new ObjectMapper().createObjectNode();

  private PodBench(int n) throws Exception {
    if (n < CHANGES_A_SECOND * SECONDS_OF_CHANGE / 2 || n % STRIDE == 0) {
      throw new IllegalArgumentException(
          n + " pods: no pod is replaced twice, so it takes more, and no multiple of " + STRIDE);
    }
    this.n = n;
    result.put("pods", n);
  }

  public static void main(String[] args) {
    BenchProgram.main(args, "bench-pods", n -> new PodBench(n).run());
  }

  private ObjectNode run() throws Exception {
    int namespaces = (n + TO_A_NAMESPACE - 1) / TO_A_NAMESPACE;
    System.out.printf("%n%d pods in %d namespaces%n", n, namespaces);
    lean.run(namespaces, i -> Requests.namespace("bench-" + i, true));
    lean.run(namespaces, i -> new Request[] {node(i)});
    admin
        .resource(admin.getKubernetesSerialization().unmarshal(POLICY, CgroupPolicy.class))
        .create();
    // Before there are pods, and after all else is there: the difference is the pods'.
    long without;
    try (var operator = OperatorProcess.start()) {
      Bench.await(() -> counted(operator) == 0 && judged());
      without = operator.liveHeapBytes();
    }
    row("raw: create the pods, seconds", lean.run(n, i -> new Request[] {create(i, "")}));
    Bench.settle();
    long start = System.nanoTime();
    try (var operator = OperatorProcess.start()) {
      Bench.await(() -> counted(operator) == n);
      row("start of the operator until all pods are counted, seconds", Bench.seconds(start));
      row("heap per pod, bytes", (operator.liveHeapBytes() - without) / (double) n);
      lag();
      churn(operator);
      row("RSS, MiB", operator.rssMiB());
    }
    return result;
  }

  private void row(String title, double value) {
    result.put(title, value);
    System.out.printf("%-60s %10.2f%n", title, value);
  }

  /// From the answer to the creation of a pod to the watch's word that the status counts it.
  private void lag() throws Exception {
    Bench.settle();
    var seen = new AtomicInteger();
    var millis = new ArrayList<Double>();
    try (var watch =
        admin.resources(CgroupPolicy.class).withName("bench").watch(new Counter(seen))) {
      for (int i = 0; i < SAMPLES; i++) {
        int expected = n + i + 1;
        int pod = i;
        lean.run(1, x -> new Request[] {create(pod * TO_A_NAMESPACE % n, "lag-" + pod)});
        long created = System.nanoTime();
        Awaitility.await()
            .atMost(Duration.ofMinutes(1))
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(10))
            .until(() -> seen.get() >= expected);
        millis.add((System.nanoTime() - created) / 1e6);
      }
    }
    millis.sort(null);
    row("a pod's creation to its verdict in status, p50, ms", millis.get(SAMPLES / 2 - 1));
    row("a pod's creation to its verdict in status, p99, ms", millis.get(SAMPLES - 2));
  }

  private static final class Counter implements Watcher<CgroupPolicy> {
    private final AtomicInteger seen;

    Counter(AtomicInteger seen) {
      this.seen = seen;
    }

    @Override
    public void eventReceived(Action action, CgroupPolicy policy) {
      var status = policy.getStatus();
      if (status != null && status.workloads() != null) {
        seen.set(status.workloads().pods());
      }
    }

    @Override
    public void onClose(WatcherException cause) {
      System.err.println("the watch ended: " + cause);
    }
  }

  /// Pods go and come all over the cluster at a steady rate.
  private void churn(OperatorProcess operator) throws Exception {
    Bench.settle();
    double before = operator.cpuSeconds();
    long start = System.nanoTime();
    int changes = CHANGES_A_SECOND * SECONDS_OF_CHANGE;
    for (int done = 0; done < changes; done += CHANGES_A_SECOND / 10) {
      int from = done / 2;
      long due = start + (long) (done * 1e9 / CHANGES_A_SECOND);
      Awaitility.await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(2))
          .until(() -> System.nanoTime() >= due);
      lean.run(
          CHANGES_A_SECOND / 20,
          i ->
              new Request[] {
                delete((from + i) * STRIDE % n), create((from + i) * STRIDE % n, "new-")
              });
    }
    double seconds = Bench.seconds(start);
    row("changes a second", changes / seconds);
    row("CPU at that rate, percent of a core", 100 * (operator.cpuSeconds() - before) / seconds);
  }

  private boolean judged() {
    var policy = admin.resources(CgroupPolicy.class).withName("bench").get();
    return policy.getStatus() != null && policy.getStatus().workloads() != null;
  }

  private static double counted(OperatorProcess operator) {
    try {
      return operator.metric("cgroup_policy_pods{policy=\"bench\",state=\"compliant\"}")
          + operator.metric("cgroup_policy_pods{policy=\"bench\",state=\"nonCompliant\"}");
    } catch (AssertionError notListeningYet) {
      return -1;
    }
  }

  private static Request node(int i) {
    var body = "{\"metadata\":{\"name\":\"bench-" + i + "\"}}";
    return new Request("POST", "api/v1/nodes", "application/json", body);
  }

  private static Request delete(int i) {
    var path = pods(i) + "/pod-" + i;
    return new Request("DELETE", path, "application/json", "{\"gracePeriodSeconds\":0}");
  }

  private static String pods(int i) {
    return "api/v1/namespaces/bench-" + i / TO_A_NAMESPACE + "/pods";
  }

  private static Request create(int i, String prefix) {
    return Requests.pod(
        "bench-" + i / TO_A_NAMESPACE, prefix + "pod-" + i, i, "bench-" + i / TO_A_NAMESPACE);
  }
}
