package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Workloads.LIMITED;
import static io.cgrouppolicy.testing.Workloads.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.WorkloadCounts;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Findings by `spec.workloads`, grouped by workload.
class WorkloadsIT {
  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();

  @AfterEach
  void removeNodes() {
    fixture.client.nodes().withLabel("test", fixture.id).delete();
  }

  private void policy(String more) {
    fixture.applySpec(
        "p",
        """
        namespaces: {selector: {matchLabels: {test: %s}}}
        %s
        """
            .formatted(fixture.id, more));
  }

  private WorkloadCounts counts() {
    fixture.condition("p", "Ready");
    return fixture.get("p").getStatus().workloads();
  }

  /// Formats findings as `CHECK KIND NAME: MESSAGE`.
  private List<String> violations() {
    return fixture
        .violations("p")
        .map(v -> v.check() + " " + v.kind() + " " + v.name() + ": " + v.message())
        .toList();
  }

  @Test
  void findingsAreGroupedByTheWorkloadThatPodsBelongTo() {
    var name = fixture.namespace("a");
    var node = Workloads.node(fixture, "n").getMetadata().getName();
    var workloads = new Workloads(fixture, name);
    workloads.deployment("api", 3, UNLIMITED);
    workloads.statefulSet("db", 1, UNLIMITED);
    workloads.daemonSet("agent", UNLIMITED);
    workloads.job("once", UNLIMITED, null);
    var cron =
        Serialization.unmarshal(
            """
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: nightly, namespace: %s}
            spec:
              schedule: "0 0 1 1 *"
              suspend: true
              jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: a}]}}}}
            """
                .formatted(name),
            CronJob.class);
    workloads.job("nightly-1", UNLIMITED, fixture.client.resource(cron).create());
    workloads.pod("bare", UNLIMITED);
    workloads.mirror("static", UNLIMITED, node);
    workloads.deployment("good", 2, LIMITED);
    policy("workloads: {requireLimits: [memory]}");
    eventually(
        () ->
            assertThat(violations())
                .containsExactly(
                    finding(name, "CronJob nightly", "1 pod, "),
                    finding(name, "DaemonSet agent", "1 pod, "),
                    finding(name, "Deployment api", "3 pods, "),
                    finding(name, "Job once", "1 pod, "),
                    finding(name, "Pod bare", ""),
                    finding(name, "Pod static", "static pod, which bypasses admission; "),
                    finding(name, "StatefulSet db", "1 pod, ")));
    assertThat(fixture.get("p").getStatus().violations())
        .allSatisfy(v -> assertThat(v.namespace()).isEqualTo(name));
    assertThat(counts()).isEqualTo(new WorkloadCounts(11, 2, 9));
    assertThat(fixture.status("p", "WorkloadsCompliant")).isEqualTo("False ViolationsFound");
    assertThat(fixture.status("p", "NamespacesCompliant")).isEqualTo("True Compliant");
    assertThat(fixture.status("p", "Ready")).isEqualTo("True Audited");
  }

  /// Field case 05, as its message advises: a container that asks for no GPU gets none.
  @Test
  void otherResourcesAreRequiredAndADefaultOfZeroGivesNoDevice() {
    var name = fixture.namespace("a");
    policy("workloads: {requireLimits: [ephemeral-storage], requireRequests: [nvidia.com/gpu]}");
    var workloads = new Workloads(fixture, name);
    workloads.pod("before", LIMITED);
    eventually(
        () ->
            assertThat(violations())
                .containsExactly(
                    "LimitMissing Pod before: %s/before: container app has no ephemeral-storage limit"
                        .formatted(name),
                    "RequestMissing Pod before: %s/before: container app has no nvidia.com/gpu request"
                        .formatted(name)));
    fixture.apply(
        "p",
        fixture
            .yaml("p", "mode: Enforce; workloads: {requireLimits: [ephemeral-storage]}", 256)
            .replace(
                "default: {memory: 256Mi}",
                "default: {memory: 256Mi, ephemeral-storage: 1Gi, nvidia.com/gpu: 0}\n"
                    + "        max: {nvidia.com/gpu: 2}"));
    eventually(() -> assertThat(fixture.limitRange(name)).isNotNull());
    eventually(
        () -> {
          fixture.client.pods().inNamespace(name).withName("after").withGracePeriod(0).delete();
          var after = workloads.pod("after", "{}").getSpec().getContainers().getFirst();
          assertThat(after.getResources().getLimits())
              .containsEntry("nvidia.com/gpu", new Quantity("0"))
              .containsEntry("ephemeral-storage", new Quantity("1Gi"));
        });
    workloads.pod("gpus", "{limits: {nvidia.com/gpu: 2}}");
    eventually(
        () -> assertThat(violations()).allSatisfy(v -> assertThat(v).contains("Pod before:")));
  }

  private static String finding(String namespace, String workload, String pods) {
    return "MemoryLimitMissing %s: %s/%s: %scontainer app has no memory limit"
        .formatted(workload, namespace, workload.split(" ")[1], pods);
  }

  @Test
  void podsThatComeGoAndEndAreFollowed() {
    var workloads = new Workloads(fixture, fixture.namespace("a"));
    policy("workloads: {requireLimits: [memory], allowBestEffort: false}");
    eventually(
        () -> {
          assertThat(counts()).isEqualTo(new WorkloadCounts(0, 0, 0));
          assertThat(fixture.status("p", "WorkloadsCompliant")).isEqualTo("True Compliant");
        });
    var bad = workloads.pod("bad", UNLIMITED);
    workloads.pod("good", LIMITED);
    eventually(
        () -> {
          assertThat(counts()).isEqualTo(new WorkloadCounts(2, 1, 1));
          assertThat(fixture.checks("p")).containsExactly("MemoryLimitMissing", "BestEffortPod");
        });
    fixture.client.resource(bad).withGracePeriod(0).delete();
    eventually(() -> assertThat(counts()).isEqualTo(new WorkloadCounts(1, 1, 0)));
    var ended = workloads.pod("ended", UNLIMITED);
    eventually(() -> assertThat(counts()).isEqualTo(new WorkloadCounts(2, 1, 1)));
    ended.getStatus().setPhase("Succeeded");
    fixture.client.resource(ended).subresource("status").update();
    eventually(() -> assertThat(counts()).isEqualTo(new WorkloadCounts(1, 1, 0)));
    assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
  }

  @Test
  void exceptionsAreForOneCheckInOneNamespace() {
    var a = fixture.namespace("a");
    var b = fixture.namespace("b");
    new Workloads(fixture, a).pod("bad", UNLIMITED);
    new Workloads(fixture, b).pod("bad", UNLIMITED);
    policy(
        "workloads: {requireLimits: [memory]}\n"
            + "exceptions: [{check: MemoryLimitMissing, namespaces: ["
            + a
            + "], reason: agreed}]");
    eventually(
        () -> {
          assertThat(counts()).isEqualTo(new WorkloadCounts(2, 1, 1));
          assertThat(fixture.get("p").getStatus().violations())
              .extracting(v -> v.namespace())
              .containsExactly(b);
        });
  }

  @Test
  void aNamespaceThatLeavesNoLongerCountsItsPods() {
    var name = fixture.namespace("a");
    new Workloads(fixture, name).pod("bad", UNLIMITED);
    policy("workloads: {requireLimits: [memory]}");
    eventually(() -> assertThat(counts()).isEqualTo(new WorkloadCounts(1, 0, 1)));
    fixture.relabel(name, "none");
    eventually(() -> assertThat(counts()).isEqualTo(new WorkloadCounts(0, 0, 0)));
    fixture.relabel(name, fixture.id);
    eventually(() -> assertThat(counts()).isEqualTo(new WorkloadCounts(1, 0, 1)));
  }

  /// A kubelet writes the status of its pods constantly.
  @Test
  @EmbeddedCluster("audit log")
  void statusesOfPodsCostNoWrites() {
    var name = fixture.namespace("a");
    var workloads = new Workloads(fixture, name);
    var pods = IntStream.range(0, 10).mapToObj(i -> workloads.pod("p" + i, UNLIMITED)).toList();
    policy("workloads: {requireLimits: [memory]}");
    eventually(
        () -> {
          assertThat(counts()).isEqualTo(new WorkloadCounts(10, 0, 10));
          assertThat(fixture.policyEvents("p")).hasSize(2);
        });
    int before = LocalCluster.get().operatorWrites().size();
    var end = Instant.now().plusSeconds(10);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              for (var pod : pods) {
                fixture
                    .client
                    .resource(pod)
                    .subresource("status")
                    .patch(
                        PatchContext.of(PatchType.JSON_MERGE), // without a version check
                        "{\"status\":{\"phase\":\"Running\",\"message\":\"at %s\"}}"
                            .formatted(Instant.now()));
              }
              return Instant.now().isAfter(end);
            });
    var writes = LocalCluster.get().operatorWrites();
    assertThat(writes.subList(before, writes.size())).isEmpty();
  }

  @Test
  void hazardousNeighbours() {
    var team = new Workloads(fixture, fixture.namespace("team"));
    var bank = new Workloads(fixture, fixture.namespace("bank", Map.of("other", "yes")));
    var node = Workloads.node(fixture, "n").getMetadata().getName();
    var quiet = Workloads.node(fixture, "quiet").getMetadata().getName();
    bank.pod("ledger", LIMITED, node);
    team.pod("calm", UNLIMITED, quiet);
    policy(
        "workloads: {allowBestEffort: true}\nnodes: {selector: {matchLabels: {test: "
            + fixture.id
            + "}}}");
    eventually(
        () -> {
          assertThat(fixture.status("p", "NodesCompliant")).isEqualTo("True Compliant");
          assertThat(fixture.get("p").getStatus().nodes().compliant()).isEqualTo(2);
        });
    var hog = team.pod("hog", UNLIMITED, node);
    eventually(
        () -> {
          assertThat(fixture.status("p", "NodesCompliant")).isEqualTo("False DriftFound");
          assertThat(fixture.get("p").getStatus().nodes().drifted()).isEqualTo(1);
          assertThat(violations())
              .containsExactly(
                  "HazardousNeighbours Node "
                      + node
                      + ": "
                      + node
                      + ": 1 pod without a memory limit: "
                      + fixture.id
                      + "-team/hog; next to 1 guaranteed pod");
        });
    assertThat(fixture.status("p", "WorkloadsCompliant")).isEqualTo("True Compliant");
    eventually(
        () ->
            assertThat(
                    fixture.client.events().v1().events().inNamespace("default").list().getItems())
                .anySatisfy(
                    event -> {
                      assertThat(event.getReason()).isEqualTo("HazardousNeighbours");
                      assertThat(event.getRegarding().getName()).isEqualTo(node);
                    }));
    fixture.client.resource(hog).withGracePeriod(0).delete();
    eventually(() -> assertThat(fixture.status("p", "NodesCompliant")).isEqualTo("True Compliant"));
  }
}
