package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static io.cgrouppolicy.testing.Workloads.LIMITED;
import static io.cgrouppolicy.testing.Workloads.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PreviewCounts;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The operator previews what a policy's objects would do to running pods, waits if the policy says
/// so, and afterwards reports pods that predate the objects.
class PreviewIT {
  private static final String BIG = "{limits: {cpu: 100m, memory: 4Gi}}";

  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();

  /// A LimitRange with a default and a maximum of 1Gi, and a quota for 20 pods.
  private void policy(String head) {
    fixture.applySpec(
        "p",
        """
        %s
        namespaces:
          selector: {matchLabels: {test: %s}}
          limitRange:
            limits:
            - type: Container
              default: {memory: 256Mi}
              defaultRequest: {memory: 64Mi}
              max: {memory: 1Gi}
          resourceQuota:
            hard: {pods: "20"}
        """
            .formatted(head.replace("; ", "\n"), fixture.id));
  }

  private PreviewCounts preview() {
    fixture.condition("p", "Ready");
    return fixture.get("p").getStatus().preview();
  }

  private List<String> violations(String check) {
    return fixture
        .violations("p")
        .filter(v -> v.check().equals(check))
        .map(v -> v.kind() + " " + v.name() + ": " + v.message())
        .toList();
  }

  private List<Event> events(String namespace) {
    return fixture.namespaceEvents(namespace).stream()
        .filter(event -> event.getReason().equals("WouldReject"))
        .toList();
  }

  private void delete(Pod pod) {
    fixture.client.resource(pod).withGracePeriod(0).delete();
  }

  @Test
  void auditReportsWhatEnforcementWouldDo() {
    var name = fixture.namespace("a");
    var workloads = new Workloads(fixture, name);
    workloads.deployment("big", 2, BIG);
    workloads.pod("plain", UNLIMITED);
    workloads.pod("good", LIMITED);
    policy("mode: Audit");
    eventually(
        () -> {
          assertThat(preview()).isEqualTo(new PreviewCounts(1, 2, 0));
          assertThat(violations("WouldReject"))
              .singleElement()
              .asString()
              .startsWith("Deployment big: " + name + "/big: 2 pods, would be rejected")
              .contains("maximum memory usage per Container is 1Gi, but limit is 4Gi");
        });
    assertThat(fixture.status("p", "NamespacesCompliant")).isEqualTo("False ViolationsFound");
    assertThat(fixture.status("p", "WorkloadsCompliant")).isEqualTo("False ViolationsFound");
    assertThat(fixture.limitRange(name)).isNull();
    var series = "cgroup_policy_preview_pods{outcome=\"rejected\",policy=\"" + fixture.id + "-p\"}";
    assertThat(SharedOperator.get().metric(series)).isEqualTo(2);
    eventually(
        () ->
            assertThat(events(name))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.getNote()).contains("/big: ")));
  }

  @Test
  void eachFindingHasOneEventEvenIfTheListIsShort() {
    var name = fixture.namespace("a");
    var workloads = new Workloads(fixture, name);
    workloads.pod("big", BIG);
    policy("mode: Audit");
    eventually(() -> assertThat(events(name)).hasSize(1));
    workloads.pod("other", BIG);
    workloads.pod("good", LIMITED);
    eventually(
        () ->
            assertThat(events(name))
                .extracting(event -> event.getNote().replaceFirst(".*/(\\w+): .*", "$1"))
                .containsExactly("big", "other"));
  }

  @Test
  void aQuotaBelowWhatRuns() {
    var name = fixture.namespace("a");
    new Workloads(fixture, name).statefulSet("db", 1, LIMITED);
    new Workloads(fixture, name).deployment("api", 20, LIMITED);
    policy("mode: Audit");
    eventually(
        () -> {
          assertThat(preview()).isEqualTo(new PreviewCounts(0, 21, 0));
          assertThat(violations("WouldReject"))
              .anySatisfy(
                  v ->
                      assertThat(v)
                          .startsWith("Namespace " + name + ": the quota is below current usage")
                          .contains("pods is 21, but only 20 is allowed"));
        });
  }

  @Test
  void aQuotaWithoutRoomForARollout() {
    var name = fixture.namespace("a");
    new Workloads(fixture, name).deployment("api", 20, LIMITED);
    policy("mode: Audit");
    eventually(
        () ->
            assertThat(violations("WouldReject"))
                .singleElement()
                .asString()
                .startsWith("Deployment api: " + name + "/api: a rolling update creates 5 more"));
    assertThat(preview()).isEqualTo(new PreviewCounts(0, 0, 0));
  }

  @Test
  void podsThatPredateTheLimitRangeAreReportedWithTheCommand() {
    var name = fixture.namespace("a");
    var workloads = new Workloads(fixture, name);
    workloads.deployment("api", 2, UNLIMITED);
    eventually(
        () -> assertThat(fixture.client.pods().inNamespace(name).list().getItems()).hasSize(2));
    policy("mode: Enforce; workloads: {requireLimits: [memory]}");
    eventually(
        () ->
            assertThat(violations("PredatesLimitRange"))
                .singleElement()
                .asString()
                .startsWith("Deployment api: " + name + "/api: 2 pods, the LimitRange would add: ")
                .contains("kubectl rollout restart deployment/api -n " + name));
    assertThat(fixture.status("p", "WorkloadsCompliant")).isEqualTo("False ViolationsFound");
    fixture.client.apps().deployments().inNamespace(name).withName("api").rolling().restart();
    // No kubelet runs here, so new pods never become ready: delete the old ones.
    eventually(
        () -> {
          fixture.client.pods().inNamespace(name).list().getItems().stream()
              .filter(
                  pod ->
                      pod.getSpec().getContainers().getFirst().getResources().getLimits().isEmpty())
              .forEach(this::delete);
          assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
        });
  }

  /// The pods got 2Gi from the old default, twice the new maximum; but they never declared it.
  @Test
  void aLoweredDefaultDoesNotRejectPodsWithTheOldOne() {
    var name = fixture.namespace("a");
    fixture.policy("p", "mode: Enforce", 2048);
    eventually(() -> assertThat(fixture.quota(name)).isNotNull());
    new Workloads(fixture, name).deployment("api", 2, UNLIMITED);
    eventually(
        () ->
            assertThat(fixture.client.pods().inNamespace(name).list().getItems())
                .hasSize(2)
                .allSatisfy(pod -> assertThat(limit(pod)).isEqualTo("2Gi")));
    policy("mode: Enforce; rollout: WhenSafe; workloads: {requireLimits: [memory]}");
    eventually(
        () -> {
          assertThat(preview()).isEqualTo(new PreviewCounts(2, 0, 0));
          assertThat(fixture.memory(name)).isEqualTo("256Mi");
          assertThat(violations("PredatesLimitRange"))
              .singleElement()
              .asString()
              .contains(
                  "2 pods, the LimitRange would set: container app limits.memory=256Mi instead of"
                      + " 2Gi, no requests.cpu instead of 100m");
        });
    assertThat(violations("WouldReject")).isEmpty();
  }

  private static String limit(Pod pod) {
    var resources = pod.getSpec().getContainers().getFirst().getResources();
    return resources.getLimits().get("memory").toString();
  }

  @Test
  void whenSafeWaitsUntilThePodIsFixed() {
    var waits = fixture.namespace("waits");
    var safe = fixture.namespace("safe");
    var big = new Workloads(fixture, waits).pod("big", BIG);
    new Workloads(fixture, safe).pod("plain", UNLIMITED);
    policy("mode: Enforce; rollout: WhenSafe");
    eventually(
        () -> {
          assertThat(fixture.quota(safe)).isNotNull();
          assertThat(preview()).isEqualTo(new PreviewCounts(1, 1, 1));
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
        });
    assertThat(fixture.limitRange(waits)).isNull();
    assertThat(fixture.quota(waits)).isNull();
    assertThat(fixture.condition("p", "Ready").getMessage()).contains("; 1 namespace waits");
    assertThat(fixture.checks("p"))
        .containsExactly("WouldReject", "LimitRangeMissing", "ResourceQuotaMissing");
    assertThat(fixture.get("p").getStatus().namespaces().summary()).isEqualTo("1/2");
    delete(big);
    eventually(
        () -> {
          assertThat(fixture.quota(waits)).isNotNull();
          assertThat(preview().waiting()).isZero();
          assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
        });
  }

  @Test
  void existingObjectsStayAndAreRestored() {
    var name = fixture.namespace("a");
    var workloads = new Workloads(fixture, name);
    fixture.policy("p", "mode: Enforce; rollout: WhenSafe", 512);
    eventually(() -> assertThat(fixture.memory(name)).isEqualTo("512Mi"));
    eventually(() -> assertThat(fixture.quota(name)).isNotNull());
    workloads.pod("big", BIG);
    policy("mode: Enforce; rollout: WhenSafe");
    eventually(() -> assertThat(preview().waiting()).isOne());
    assertThat(fixture.memory(name)).as("the old object").isEqualTo("512Mi");
    fixture.client.pods().inNamespace(name).withName("big").withGracePeriod(0).delete();
    eventually(() -> assertThat(fixture.memory(name)).isEqualTo("256Mi"));
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    fixture.edit(name, "1Gi");
    eventually(() -> assertThat(fixture.memory(name)).as("restored").isEqualTo("256Mi"));
  }

  /// A workload created after enforcement is rejected. The finding ends when the Deployment is
  /// fixed and another ReplicaSet creates its pods, and when a Deployment that never had a pod is
  /// deleted.
  @Test
  void aRejectionIsReportedUntilItIsFixedOrGone() {
    var name = fixture.namespace("a");
    policy("mode: Enforce");
    eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
    var big = new Workloads(fixture, name).deployment("big", 2, BIG);
    var huge = new Workloads(fixture, name).deployment("huge", 1, BIG);
    eventually(
        () ->
            assertThat(violations("RejectedByPolicy"))
                .hasSize(2)
                .allSatisfy(v -> assertThat(v).contains("but limit is 4Gi"))
                .satisfiesExactly(
                    v -> assertThat(v).startsWith("Deployment big: "),
                    v -> assertThat(v).startsWith("Deployment huge: ")));
    assertThat(fixture.status("p", "WorkloadsCompliant")).isEqualTo("False ViolationsFound");
    assertThat(fixture.status("p", "NamespacesCompliant")).isEqualTo("True Compliant");
    fixture
        .client
        .resource(big)
        .patch(
            PatchContext.of(PatchType.STRATEGIC_MERGE),
            """
            {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}, "template": {"spec": {"containers": [
              {"name": "app", "resources": {"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi"}}}
            ]}}}}
            """);
    fixture.client.resource(huge).delete();
    within(
        Duration.ofMinutes(1), // rejections expire every 20 s
        () -> {
          assertThat(violations("RejectedByPolicy")).isEmpty();
          assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
        });
  }
}
