package io.cgrouppolicy.core.pods;

import static io.cgrouppolicy.core.pods.Pods.BOTH;
import static io.cgrouppolicy.core.pods.Pods.container;
import static io.cgrouppolicy.core.pods.Pods.containers;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.pods.WorkloadVerdict.Preview;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.testing.Policies;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkloadJudgeTest {
  private static final String WORKLOADS =
      "namespaces: {selector: {}}, workloads: {requireLimits: [memory], allowBestEffort: false}";
  private static final String FULL = containers(container("main", BOTH, BOTH));
  private static final String BARE = containers("{name: main}");
  private static final String SHIPPER =
      containers(container("main", BOTH, BOTH), container("log-shipper", BOTH, "{cpu: 1}"));

  private final CompiledPolicy policy = Policies.compiled("p", WORKLOADS);

  /// A ReplicaSet's Deployment has its name up to the dash.
  private static Workload owner(PodFacts pod) {
    var controller = pod.controller();
    if (controller == null) {
      return new Workload("Pod", pod.name(), null);
    }
    return controller.kind().equals("ReplicaSet")
        ? new Workload("Deployment", controller.name().split("-")[0], "25%")
        : new Workload(controller.kind(), controller.name(), null);
  }

  private WorkloadVerdict judge(List<PodFacts> pods, PodRule... more) {
    return WorkloadJudge.judge(
        policy, pods, WorkloadJudgeTest::owner, List.of(more), List.of(), Preview.NONE);
  }

  private static List<String> messages(WorkloadVerdict verdict) {
    return verdict.findings().stream()
        .map(f -> f.finding().check() + " " + f.kind() + " " + f.finding().message())
        .toList();
  }

  private static List<PodFacts> pods(int n, String kind, String owner, String spec) {
    var pods = new ArrayList<PodFacts>();
    for (int i = 0; i < n; i++) {
      pods.add(Pods.owned("payments", owner + "-" + i, kind, owner, spec));
    }
    return pods;
  }

  @SafeVarargs
  private static List<PodFacts> all(List<PodFacts>... lists) {
    var all = new ArrayList<PodFacts>();
    List.of(lists).forEach(all::addAll);
    return all;
  }

  @Test
  void groupedByWorkload() {
    var verdict = judge(pods(12, "ReplicaSet", "api-1", SHIPPER));
    assertThat(messages(verdict))
        .containsExactly(
            "MemoryLimitMissing Deployment payments/api: 12 pods, container log-shipper has no"
                + " memory limit");
    assertThat(verdict.findings().getFirst())
        .extracting(WorkloadFinding::name, f -> f.finding().expected(), f -> f.finding().actual())
        .containsExactly("api", "limits.memory", "unset");
    assertThat(verdict.pods()).isEqualTo(12);
    assertThat(verdict.podsByChecks()).isEqualTo(Map.of(Set.of(Check.MemoryLimitMissing), 12));
    assertThat(verdict.policyUid()).isEqualTo("uid-p");
    assertThat(verdict.generation()).isEqualTo(1);
  }

  @Test
  void podsOfTwoReplicaSetsAreOneDeployment() {
    var verdict =
        judge(
            all(
                pods(2, "ReplicaSet", "api-1", SHIPPER),
                pods(1, "ReplicaSet", "api-2", BARE),
                pods(3, "ReplicaSet", "api-3", FULL)));
    assertThat(messages(verdict))
        .containsExactly(
            "MemoryLimitMissing Deployment payments/api: 3 pods, container log-shipper has no"
                + " memory limit; container main has no memory limit",
            "BestEffortPod Deployment payments/api: 1 pod, QoS class BestEffort: no request and no"
                + " limit");
    assertThat(verdict.pods()).isEqualTo(6);
    assertThat(verdict.podsByChecks())
        .isEqualTo(
            Map.of(
                Set.of(Check.MemoryLimitMissing), 2,
                Set.of(Check.MemoryLimitMissing, Check.BestEffortPod), 1));
  }

  @Test
  void podsAloneAndStaticPods() {
    var mirror =
        Pods.read(
            "payments",
            "etcd-cp1",
            "annotations: {kubernetes.io/config.mirror: x}, ownerReferences: ["
                + Pods.owner("Node", "cp1")
                + "]",
            SHIPPER);
    assertThat(messages(judge(List.of(Pods.alone("payments", "debug", SHIPPER), mirror))))
        .containsExactly(
            "MemoryLimitMissing Pod payments/debug: container log-shipper has no memory limit",
            "MemoryLimitMissing Pod payments/etcd-cp1: static pod, which bypasses admission;"
                + " container log-shipper has no memory limit");
  }

  @Test
  void sameNameOtherKind() {
    var verdict =
        judge(all(pods(1, "StatefulSet", "db", SHIPPER), pods(2, "DaemonSet", "db", SHIPPER)));
    assertThat(verdict.findings())
        .extracting(WorkloadFinding::kind)
        .containsExactly("DaemonSet", "StatefulSet");
  }

  @Test
  void terminatingPodsDoNotCount() {
    var leaving =
        Pods.read("payments", "old", "deletionTimestamp: '2026-01-01T00:00:00Z'", SHIPPER);
    var verdict = judge(List.of(leaving, Pods.alone("payments", "new", FULL)));
    assertThat(verdict.pods()).isEqualTo(1);
    assertThat(verdict.findings()).isEmpty();
    assertThat(verdict.podsByChecks()).isEmpty();
  }

  @Test
  void otherRulesAndOtherFindings() {
    PodRule predates =
        (pod, workload) ->
            List.of(
                new PodFinding(
                    Check.PredatesLimitRange,
                    "a",
                    "b",
                    "container main would get a memory limit",
                    "kubectl rollout restart " + workload.kind() + "/" + workload.name()),
                PodFinding.of(Check.PredatesLimitRange, "a", "b", "container main would get more"),
                PodFinding.of(Check.WouldReject, "a", "b", "would be refused"));
    var rejected =
        new WorkloadFinding(
            "Deployment", "web", Finding.of(Check.RejectedByPolicy, "x", "y", "refused"));
    var verdict =
        WorkloadJudge.judge(
            policy,
            pods(2, "ReplicaSet", "api-1", BARE),
            WorkloadJudgeTest::owner,
            List.of(predates),
            List.of(rejected),
            new Preview(3, 4));
    assertThat(messages(verdict))
        .containsExactly(
            "WouldReject Deployment payments/api: 2 pods, would be refused",
            "RejectedByPolicy Deployment refused",
            "MemoryLimitMissing Deployment payments/api: 2 pods, container main has no memory limit",
            "BestEffortPod Deployment payments/api: 2 pods, QoS class BestEffort: no request and no"
                + " limit",
            "PredatesLimitRange Deployment payments/api: 2 pods, container main would get a memory"
                + " limit; container main would get more; kubectl rollout restart Deployment/api");
    assertThat(verdict.podsByChecks())
        .isEqualTo(
            Map.of(
                Set.of(
                    Check.WouldReject,
                    Check.MemoryLimitMissing,
                    Check.BestEffortPod,
                    Check.PredatesLimitRange),
                2));
    assertThat(verdict.preview()).isEqualTo(new Preview(3, 4));
  }

  @Test
  void aPolicyWithoutWorkloadsAsksNothing() {
    var verdict =
        WorkloadJudge.judge(
            Policies.compiled("p", Policies.ALL),
            pods(2, "ReplicaSet", "api-1", BARE),
            WorkloadJudgeTest::owner,
            List.of(),
            List.of(),
            Preview.NONE);
    assertThat(verdict.pods()).isEqualTo(2);
    assertThat(verdict.findings()).isEmpty();
  }

  @Test
  void manyTextsAreCut() {
    var pods = new ArrayList<PodFacts>();
    for (var name : List.of("e", "d", "c", "b", "a")) {
      pods.add(
          Pods.owned("payments", name, "Job", "batch", containers(container(name, BOTH, "{}"))));
    }
    assertThat(messages(judge(pods)))
        .containsExactly(
            "MemoryLimitMissing Job payments/batch: 5 pods, container a has no memory limit;"
                + " container b has no memory limit; container c has no memory limit; 2 more like these");
  }

  @Test
  void theOrderOfPodsDoesNotMatter() {
    var pods =
        all(
            pods(3, "ReplicaSet", "api-1", SHIPPER),
            pods(2, "ReplicaSet", "api-2", BARE),
            pods(2, "StatefulSet", "db", BARE),
            pods(2, "DaemonSet", "db", SHIPPER),
            List.of(Pods.alone("payments", "x", BARE), Pods.alone("payments", "a", BARE)));
    var expected = judge(pods);
    assertThat(expected.findings()).hasSize(9);
    var random = new Random(1);
    for (int i = 0; i < 20; i++) {
      Collections.shuffle(pods, random);
      assertThat(judge(pods)).isEqualTo(expected);
    }
  }

  @Test
  void tenThousandPodsAskForEachControllerOnce() {
    var pods = new ArrayList<PodFacts>();
    var one = Pods.owned("payments", "p", "ReplicaSet", "api-1", SHIPPER);
    var two = Pods.owned("payments", "p", "ReplicaSet", "web-1", FULL);
    for (int i = 0; i < 10_000; i++) {
      pods.add(i % 2 == 0 ? named(one, "a" + i) : named(two, "b" + i));
    }
    var asked = new AtomicInteger();
    var verdict =
        WorkloadJudge.judge(
            policy,
            pods,
            pod -> {
              asked.incrementAndGet();
              return owner(pod);
            },
            List.of(),
            List.of(),
            Preview.NONE);
    assertThat(asked).hasValue(2);
    assertThat(verdict.pods()).isEqualTo(10_000);
    assertThat(messages(verdict))
        .containsExactly(
            "MemoryLimitMissing Deployment payments/api: 5000 pods, container log-shipper has no"
                + " memory limit");
  }

  private static PodFacts named(PodFacts pod, String name) {
    return new PodFacts(
        pod.namespace(),
        name,
        name,
        pod.resourceVersion(),
        pod.node(),
        pod.controller(),
        pod.shape(),
        pod.created(),
        pod.mirror(),
        pod.terminating());
  }
}
