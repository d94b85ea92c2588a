package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.Kubectl;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.NamespaceOwner;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a user with the role `view` in one namespace sees with kubectl.
class NamespaceOwnerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String BIG = "{limits: {cpu: 100m, memory: 4Gi}}";
  private static final String CONTACT = "contact: \"#platform\"";

  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeEach
  void startOperator() {
    SharedOperator.get();
  }

  /// DaemonSets of other tests would get pods on them.
  @AfterEach
  void removeNodes() {
    fixture.client.nodes().withLabel("test", fixture.id).delete();
  }

  private void policy(String head) {
    fixture.applySpec(
        "p",
        """
        %s
        namespaces:
          selector: {matchLabels: {test: %s}}
          limitRange:
            limits:
            - {type: Container, default: {memory: 256Mi}, max: {memory: 1Gi}}
          resourceQuota:
            hard: {pods: "20"}
        """
            .formatted(head.replace("; ", "\n"), fixture.id));
  }

  private void enforced(String namespace, String more) {
    policy("mode: Enforce; documentation: https://wiki.example.com/limits; " + more);
    eventually(
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
          assertThat(fixture.quota(namespace)).isNotNull();
        });
  }

  private String kubectl(String namespace, String... arguments) {
    var all = new ArrayList<>(List.of("--as", NamespaceOwner.NAME, "-n", namespace));
    all.addAll(List.of(arguments));
    return Kubectl.run(all.toArray(String[]::new));
  }

  /// A namespace whose user `owner` has no other rights.
  private String owned() {
    var namespace = fixture.namespace("a");
    try (var owner = new NamespaceOwner(fixture)) {
      owner.grant(namespace, "view");
    }
    return namespace;
  }

  private List<Event> rejections(String namespace) {
    return fixture.client.events().v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> event.getReason().equals("RejectedByPolicy"))
        .toList();
  }

  @Test
  void theDeploymentSaysWhyItHasNoPods() {
    var namespace = owned();
    enforced(namespace, CONTACT);
    new Workloads(fixture, namespace).deployment("hog", 2, BIG);
    within(
        PATIENCE,
        () ->
            assertThat(kubectl(namespace, "describe", "deploy", "hog"))
                .containsPattern(
                    "Warning +RejectedByPolicy .*cgroup-policy.io/operator +policy "
                        + fixture.id
                        + "-p: Deployment hog: pods are rejected: .*maximum memory usage per"
                        + " Container is 1Gi, but limit is 4Gi.* \\(container app\\); set by"
                        + " LimitRange cgroup-policy\\. Change these resources, or ask #platform to"
                        + " change the policy; see https://wiki.example.com/limits"));
    eventually(
        () ->
            assertThat(fixture.status("p", "WorkloadsCompliant"))
                .isEqualTo("False ViolationsFound"));
    assertThat(rejections(namespace)).hasSize(1);
  }

  @Test
  void theObjectsSayWhoseTheyAre() {
    var namespace = owned();
    enforced(namespace, CONTACT);
    for (var kind : List.of("limitrange", "resourcequota")) {
      assertThat(kubectl(namespace, "annotate", kind, "cgroup-policy", "--list"))
          .contains("cgroup-policy.io/contact=#platform")
          .contains("cgroup-policy.io/documentation=https://wiki.example.com/limits")
          .contains("cgroup-policy.io/description=Limits of CgroupPolicy " + fixture.id + "-p");
      // kubectl 1.36 prints no annotations of these kinds.
      assertThat(kubectl(namespace, "describe", kind, "cgroup-policy"))
          .contains("cgroup-policy", namespace)
          .doesNotContain("#platform");
    }
    new Workloads(fixture, namespace).deployment("hog", 1, BIG);
    within(PATIENCE, () -> assertThat(rejections(namespace)).hasSize(1));
    var command =
        fixture
            .limitRange(namespace)
            .getMetadata()
            .getAnnotations()
            .get("cgroup-policy.io/list-rejections");
    assertThat(command).startsWith("kubectl get events -n " + namespace + " ");
    var words = command.split(" ");
    assertThat(kubectl(namespace, Arrays.copyOfRange(words, 1, words.length)))
        .containsPattern("RejectedByPolicy +deployment/hog +policy ");
  }

  @Test
  void eachWorkloadHasItsEvent() {
    var namespace = owned();
    enforced(namespace, CONTACT);
    Workloads.node(fixture, "n");
    var workloads = new Workloads(fixture, namespace);
    var all =
        List.<HasMetadata>of(
            workloads.deployment("web", 2, BIG),
            workloads.statefulSet("db", 2, BIG),
            workloads.daemonSet("agent", BIG),
            workloads.job("import", BIG, null));
    within(
        PATIENCE,
        () ->
            assertThat(rejections(namespace))
                .extracting(Event::getRegarding)
                .extracting(of -> of.getApiVersion() + " " + of.getKind() + " " + of.getUid())
                .containsExactlyInAnyOrderElementsOf(
                    all.stream()
                        .map(
                            workload ->
                                workload.getApiVersion()
                                    + " "
                                    + workload.getKind()
                                    + " "
                                    + workload.getMetadata().getUid())
                        .toList()));
  }

  /// The new process tries to create the event again, which the API server refuses.
  @Test
  @EmbeddedCluster("audit log")
  void aRestartRepeatsNoEvent() {
    var namespace = owned();
    enforced(namespace, CONTACT);
    new Workloads(fixture, namespace).deployment("hog", 2, BIG);
    within(PATIENCE, () -> assertThat(rejections(namespace)).hasSize(1));
    var first = rejections(namespace);
    assertThat(eventsCreated(namespace)).isOne();
    SharedOperator.stop();
    var dropped = SharedOperator.get();
    within(PATIENCE, () -> assertThat(eventsCreated(namespace)).isEqualTo(2));
    assertThat(rejections(namespace)).isEqualTo(first);
    assertThat(dropped.metric("cgroup_policy_events_dropped_total")).isZero();
  }

  private long eventsCreated(String namespace) {
    return LocalCluster.get().operatorWrites().stream()
        .filter(write -> write.startsWith("create "))
        .filter(write -> write.contains("/namespaces/" + namespace + "/events"))
        .count();
  }

  @Test
  void aNamespaceThatWaitsHasTheReasonOnTheWorkload() {
    var namespace = owned();
    new Workloads(fixture, namespace).deployment("hog", 1, BIG);
    eventually(
        () ->
            assertThat(fixture.client.pods().inNamespace(namespace).list().getItems()).hasSize(1));
    policy("mode: Enforce; rollout: WhenSafe; " + CONTACT);
    within(
        PATIENCE,
        () ->
            assertThat(kubectl(namespace, "describe", "deploy", "hog"))
                .containsPattern(
                    "Warning +WouldReject .*Deployment "
                        + namespace
                        + "/hog: 1 pod, would be rejected when next created: container app:"
                        + " maximum memory usage per Container is 1Gi, but limit is 4Gi"));
    assertThat(fixture.limitRange(namespace)).isNull();
  }

  @Test
  @EmbeddedCluster("audit log")
  void anotherContactCostsOneWritePerObject() {
    var namespace = owned();
    enforced(namespace, CONTACT);
    assertThat(writes(namespace)).hasSize(2);
    enforced(namespace, "contact: storage@example.com");
    contact(namespace, "storage@example.com");
    assertThat(writes(namespace)).hasSize(4);
    enforced(namespace, "priority: 0");
    contact(namespace, null);
    assertThat(writes(namespace)).hasSize(6);
    assertThat(fixture.namespaceEvents(namespace)).as("nobody else changed them").isEmpty();

    fixture
        .client
        .resource(fixture.quota(namespace))
        .edit(
            quota -> {
              quota.getMetadata().getAnnotations().put("cgroup-policy.io/contact", "me");
              return quota;
            });
    contact(namespace, null);
    assertThat(writes(namespace)).as("an edit is reverted").hasSize(7);
  }

  /// As left behind by a version that set no annotations.
  @Test
  @EmbeddedCluster("audit log")
  void anUpgradeWritesEachObjectOnce() {
    var namespace = owned();
    enforced(namespace, "priority: 0");
    SharedOperator.stop();
    for (var object : List.of(fixture.limitRange(namespace), fixture.quota(namespace))) {
      fixture
          .client
          .resource(object)
          .edit(
              stored -> {
                stored.getMetadata().setAnnotations(null);
                return stored;
              });
    }
    int before = writes(namespace).size();
    SharedOperator.get();
    eventually(
        () -> {
          for (var object : List.of(fixture.limitRange(namespace), fixture.quota(namespace))) {
            assertThat(object.getMetadata().getAnnotations())
                .containsKeys("cgroup-policy.io/description", "cgroup-policy.io/list-rejections");
          }
          assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant");
        });
    assertThat(writes(namespace)).hasSize(before + 2);
    assertThat(fixture.namespaceEvents(namespace)).isEmpty();
  }

  private void contact(String namespace, String contact) {
    eventually(
        () -> {
          for (var object : List.of(fixture.limitRange(namespace), fixture.quota(namespace))) {
            assertThat(object.getMetadata().getAnnotations().get("cgroup-policy.io/contact"))
                .isEqualTo(contact);
          }
        });
  }

  private List<String> writes(String namespace) {
    return LocalCluster.get().operatorWrites().stream()
        .filter(write -> write.contains("/namespaces/" + namespace + "/"))
        .filter(write -> !write.contains("/events"))
        .toList();
  }
}
