package io.cgrouppolicy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.WorkDirectory;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.awaitility.core.ConditionTimeoutException;

/// Measures sweeps of the packaged operator over so many simulated kubelets, on one fresh cluster:
/// see `make bench`. The kubelets are real Node objects; a process of their own answers for all of
/// them, on the same processors as the operator and the API server. A program, not a test: it
/// asserts nothing but that every node has the right verdict.
///
/// A sweep begins when a policy is applied of which no kubelet was asked, and ends when the
/// operator's metrics count every node as compliant. A policy that was removed and applied again
/// causes a later one: its nodes' answers are forgotten meanwhile.
public final class KubeletBench {
  private static final int HANGING = 50;
  private static final int LATER_SWEEPS = 3;

  /// The default of cgroup-policy.kubelet.interval.
  private static final double INTERVAL_SECONDS = 300;

  private static final Path CA_BUNDLE = WorkDirectory.resolve("kubelets-ca.pem");
  private static final String COMPLIANT =
      "cgroup_policy_nodes{policy=\"bench\",state=\"compliant\"}";
  private static final String UNREACHABLE =
      "cgroup_policy_violations{check=\"KubeletUnreachable\",policy=\"bench\",severity=\"High\"}";
  private static final String OLDEST_ANSWER = "cgroup_policy_kubelet_oldest_answer_age_seconds";

  private static final String POLICY =
      """
      apiVersion: cgroup-policy.io/v1alpha1
      kind: CgroupPolicy
      metadata: {name: bench}
      spec:
        nodes:
          selector: {}
          kubelet:
            cgroupDriver: systemd
            enforceNodeAllocatable: [pods, system-reserved, kube-reserved]
            systemReserved: {cpu: 500m, memory: 1Gi}
            systemReservedCgroup: /system.slice
            kubeReserved: {cpu: 500m, memory: 1Gi}
            kubeReservedCgroup: /kube.slice
            podPidsLimit: 4096
            config: {maxPods: 110}
      """;

  private final int n;
  private final KubernetesClient admin = BenchAccount.client(LocalCluster.get().admin());
  private final ObjectNode result = new ObjectMapper().createObjectNode();

  private KubeletBench(int n) {
    this.n = n;
    result.put("kubelets", n);
  }

  public static void main(String[] args) {
    BenchProgram.main(args, "bench-kubelets", n -> new KubeletBench(n).run());
  }

  private ObjectNode run() throws IOException {
    try (var kubelets = new SimulatorProcess("kubelets", "node:" + n + "=hardened")) {
      Files.writeString(CA_BUNDLE, kubelets.ca());
      System.out.printf("%n%d kubelets; CPU in milliseconds a kubelet%n", n);
      System.out.printf(
          "%-44s %9s %11s %9s %10s %8s%n",
          "", "seconds", "kubelets/s", "operator", "simulator", "RSS MiB");
      sweeps("", kubelets, 0);
      restart(kubelets);
      try (var hanging =
          new SimulatorProcess(
              "hanging",
              "hangs-early:" + HANGING / 2 + "=hang_before_handshake",
              "hangs-late:" + (HANGING - HANGING / 2) + "=hang_after_request")) {
        Files.writeString(CA_BUNDLE, kubelets.ca() + hanging.ca());
        sweeps(", " + HANGING + " more hang", kubelets, HANGING);
      }
    }
    return result;
  }

  /// The first sweep of an operator that has just started, and later ones.
  private void sweeps(String with, SimulatorProcess kubelets, int hanging) {
    remove();
    try (var operator = operator()) {
      Bench.await(operator::leads);
      double later = 0;
      for (int i = 0; i <= LATER_SWEEPS; i++) {
        forgotten(operator);
        Bench.settle();
        var measured = new Measurement(operator, kubelets);
        admin
            .resource(admin.getKubernetesSerialization().unmarshal(POLICY, CgroupPolicy.class))
            .create();
        until(operator, () -> compliant(operator) == n);
        later = measured.row((i == 0 ? "first sweep" : "later sweep " + i) + with);
        if (hanging > 0) {
          until(operator, () -> metric(operator, UNREACHABLE) == hanging);
          measured.hangingKnown();
        }
        if (i < LATER_SWEEPS) {
          remove();
        }
      }
      System.out.printf(
          "at the default interval of 5 min, that is %.1f %% of a core for the operator%n",
          100 * later * n / 1000 / INTERVAL_SECONDS);
    }
  }

  /// From the start of the process, with the policy in place.
  private void restart(SimulatorProcess kubelets) {
    Bench.settle();
    long start = System.nanoTime();
    double simulator = kubelets.cpuSeconds();
    try (var operator = operator()) {
      var measured = new Measurement(operator, kubelets, start, 0, simulator);
      until(operator, () -> compliant(operator) == n);
      measured.row("restart of the operator, JVM and all");
    }
  }

  private static void until(OperatorProcess operator, BooleanSupplier done) {
    try {
      Bench.await(done);
    } catch (ConditionTimeoutException e) {
      throw new IllegalStateException(operator.metrics(), e);
    }
  }

  private static OperatorProcess operator() {
    return new OperatorProcess(Map.of("CGROUP_POLICY_KUBELET_CA_FILE", CA_BUNDLE.toString()));
  }

  private void remove() {
    admin.resources(CgroupPolicy.class).withName("bench").delete();
  }

  /// Until the operator has no answer left: the gauge is 0 then, and never in a sweep.
  private static void forgotten(OperatorProcess operator) {
    until(operator, () -> metric(operator, OLDEST_ANSWER) == 0 && compliant(operator) == 0);
  }

  private static double compliant(OperatorProcess operator) {
    return metric(operator, COMPLIANT);
  }

  private static double metric(OperatorProcess operator, String series) {
    try {
      return operator.metric(series);
    } catch (AssertionError notListeningYet) {
      return 0;
    }
  }

  /// Time and CPU since it was begun.
  private final class Measurement {
    private final OperatorProcess operator;
    private final SimulatorProcess kubelets;
    private final long start;
    private final double operatorBefore;
    private final double simulatorBefore;
    private ObjectNode entry;

    Measurement(OperatorProcess operator, SimulatorProcess kubelets) {
      this(operator, kubelets, System.nanoTime(), operator.cpuSeconds(), kubelets.cpuSeconds());
    }

    Measurement(
        OperatorProcess operator,
        SimulatorProcess kubelets,
        long start,
        double operatorBefore,
        double simulatorBefore) {
      this.operator = operator;
      this.kubelets = kubelets;
      this.start = start;
      this.operatorBefore = operatorBefore;
      this.simulatorBefore = simulatorBefore;
    }

    /// @return the operator's CPU in milliseconds a kubelet
    double row(String title) {
      double seconds = Bench.seconds(start);
      double operatorMillis = 1000 * (operator.cpuSeconds() - operatorBefore) / n;
      double simulatorMillis = 1000 * (kubelets.cpuSeconds() - simulatorBefore) / n;
      long rss = operator.rssMiB();
      if (operator.metric(OLDEST_ANSWER) == 0) {
        throw new IllegalStateException("the operator does not tell the age of its answers");
      }
      entry =
          result
              .putObject(title)
              .put("seconds", seconds)
              .put("operatorCpuMillis", operatorMillis)
              .put("simulatorCpuMillis", simulatorMillis)
              .put("rssMiB", rss);
      System.out.printf(
          "%-44s %9.2f %11.0f %9.2f %10.2f %8d%n",
          title, seconds, n / seconds, operatorMillis, simulatorMillis, rss);
      return operatorMillis;
    }

    void hangingKnown() {
      double seconds = Bench.seconds(start);
      entry.put("secondsUntilHangingKnown", seconds);
      System.out.printf("  and all that hang are known to after %.2f s%n", seconds);
    }
  }
}
