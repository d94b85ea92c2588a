package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.namespace.Observed;
import io.cgrouppolicy.core.pods.Workload;
import io.cgrouppolicy.shell.cluster.WatchGuard;
import io.cgrouppolicy.shell.pods.FailedCreateEvents;
import io.cgrouppolicy.shell.pods.FailedCreateWatch;
import io.cgrouppolicy.testing.Children;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.Permissions;
import io.cgrouppolicy.testing.SharedOperator;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Pods that the real API server rejects because of the operator's objects, as reported by the real
/// controllers.
class RefusalsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @RegisterExtension final Fixture fixture = new Fixture();

  private final Set<String> changed = ConcurrentHashMap.newKeySet();
  private KubernetesClient client;
  private WatchGuard guard;
  private FailedCreateWatch watch;

  /// A ReplicaSet `app-HASH` is of a Deployment.
  private volatile FailedCreateWatch.Owners owners =
      (kind, name, uid, namespace) ->
          kind.equals("ReplicaSet") && name.startsWith("app-")
              ? new Workload("Deployment", "app", null)
              : new Workload(kind, name, null);

  private volatile FailedCreateWatch.Progress progress = (namespace, workload, uid, time) -> false;

  @BeforeEach
  void watch() {
    SharedOperator.get();
    var kubeconfig = LocalCluster.get().operatorKubeconfig().toFile();
    client = new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(kubeconfig)).build();
    guard = new WatchGuard(client);
    watch =
        new FailedCreateWatch(
            new FailedCreateEvents(client, guard),
            this::observe,
            (kind, name, uid, namespace) -> owners.of(kind, name, uid, namespace),
            (namespace, workload, uid, time) ->
                progress.createdSince(namespace, workload, uid, time),
            InstantSource.system(),
            new SimpleMeterRegistry());
    watch.onChange(changed::add);
    watch.start();
  }

  @AfterEach
  void stop() {
    watch.stop();
    guard.stop();
    client.close();
  }

  private Observed observe(String namespace) {
    var others =
        fixture.client.limitRanges().inNamespace(namespace).list().getItems().stream()
            .filter(other -> !other.getMetadata().getName().equals("cgroup-policy"))
            .sorted(Comparator.comparing((LimitRange other) -> other.getMetadata().getName()))
            .toList();
    return Children.observed(
        fixture.limitRange(namespace), fixture.quota(namespace), others, false);
  }

  /// A namespace with the operator's LimitRange and quota in force.
  private String enforced(String limits, String hard) {
    var namespace = fixture.namespace("a");
    fixture.applySpec(
        "p",
        """
        mode: Enforce
        namespaces:
          selector: {matchLabels: {test: %s}}
          limitRange: {limits: [{type: Container, %s}]}
          resourceQuota: {hard: {%s}}
        """
            .formatted(fixture.id, limits, hard));
    eventually(
        () -> {
          assertThat(fixture.status("p", "Ready")).isEqualTo("True Enforced");
          assertThat(fixture.quota(namespace).getStatus().getHard())
              .as("adopted")
              .isEqualTo(fixture.quota(namespace).getSpec().getHard());
        });
    return namespace;
  }

  private void workload(String namespace, String api, String kind, String spec, String resources) {
    fixture
        .client
        .resource(
            """
            apiVersion: %s
            kind: %s
            metadata: {name: app, namespace: %s}
            spec:
              %s
              template:
                metadata: {labels: {app: app}}
                spec:
                  restartPolicy: %s
                  containers:
                  - {name: main, image: registry.k8s.io/pause, resources: {%s}}
            """
                .formatted(
                    api, kind, namespace, spec, kind.equals("Job") ? "Never" : "Always", resources))
        .create();
  }

  private static final String SELECTED = "selector: {matchLabels: {app: app}}";

  private static List<String> lines(List<WorkloadFinding> findings) {
    return findings.stream()
        .map(f -> f.kind() + "/" + f.name() + ": " + f.finding().message())
        .toList();
  }

  private void refused(String namespace, String line) {
    within(PATIENCE, () -> assertThat(lines(watch.findings(namespace))).containsExactly(line));
    assertThat(changed).contains(namespace);
  }

  @Test
  void aDeploymentAboveTheMaximum() {
    var namespace = enforced("max: {memory: 512Mi}", "pods: '50'");
    workload(namespace, "apps/v1", "Deployment", SELECTED, "limits: {memory: 1Gi}");
    refused(
        namespace,
        "Deployment/app: pods are rejected: maximum memory usage per Container is 512Mi, but limit is"
            + " 1Gi");

    fixture.client.apps().deployments().inNamespace(namespace).withName("app").delete();
    owners =
        (kind, name, uid, in) ->
            fixture.client.apps().replicaSets().inNamespace(in).withName(name).get() == null
                ? null
                : new Workload("Deployment", "app", null);
    within(PATIENCE, () -> assertThat(watch.findings(namespace)).as("it is gone").isEmpty());
  }

  @Test
  void aStatefulSetBelowTheMinimum() {
    var namespace = enforced("min: {memory: 64Mi}", "pods: '50'");
    workload(
        namespace,
        "apps/v1",
        "StatefulSet",
        SELECTED + "\n  serviceName: app",
        "limits: {memory: 32Mi}");
    refused(
        namespace,
        "StatefulSet/app: pods are rejected: minimum memory usage per Container is 64Mi, but request"
            + " is 32Mi");
  }

  @Test
  void aJobWithTooMuchBetweenRequestAndLimit() {
    var namespace = enforced("maxLimitRequestRatio: {memory: 2}", "pods: '50'");
    workload(
        namespace,
        "batch/v1",
        "Job",
        "parallelism: 1",
        "limits: {memory: 512Mi}, requests: {memory: 128Mi}");
    refused(
        namespace,
        "Job/app: pods are rejected: memory max limit to request ratio per Container is 2, but"
            + " provided ratio is 4.000000");
  }

  @Test
  void aDefaultBelowTheRequestMakesPodsInvalid() {
    var namespace = enforced("default: {memory: 256Mi}", "pods: '50'");
    workload(namespace, "apps/v1", "ReplicaSet", SELECTED, "requests: {memory: 1Gi}");
    refused(
        namespace,
        "ReplicaSet/app: pods are rejected: spec.containers[0].resources.requests: Invalid value:"
            + " \"1Gi\": must be less than or equal to memory limit of 256Mi");
    fixture.foreignLimitRange(namespace, "theirs");
    assertThat(lines(watch.findings(namespace))).as("theirs says another value").hasSize(1);
  }

  @Test
  void aQuotaWithoutADefaultInsists() {
    var namespace = enforced("default: {memory: 256Mi}", "limits.cpu: 4");
    workload(namespace, "apps/v1", "Deployment", SELECTED, "");
    refused(
        namespace,
        "Deployment/app: pods are rejected: failed quota: cgroup-policy: must specify limits.cpu for:"
            + " main");
    eventually(
        () -> assertThat(fixture.checks("p")).containsExactly("ResourceQuotaWithoutDefaults"));
    assertThat(fixture.get("p").getStatus().violations().getFirst().name()).isEqualTo(namespace);
  }

  @Test
  void aQuotaThatIsUsedUp() {
    var namespace = enforced("default: {memory: 256Mi}", "limits.memory: 600Mi");
    workload(namespace, "apps/v1", "Deployment", "replicas: 3\n  " + SELECTED, "");
    refused(
        namespace,
        "Deployment/app: pods are rejected: exceeded quota: cgroup-policy, requested:"
            + " limits.memory=256Mi, used: limits.memory=512Mi, limited: limits.memory=600Mi");

    // As the pod cache reports it.
    progress = this::createdSince;
    within(
        PATIENCE,
        () ->
            assertThat(watch.findings(namespace)).as("refused after two were created").hasSize(1));
    scale(namespace, 1);
    eventually(
        () ->
            assertThat(fixture.client.pods().inNamespace(namespace).list().getItems()).hasSize(1));
    scale(namespace, 2);
    within(PATIENCE, () -> assertThat(watch.findings(namespace)).as("it goes on").isEmpty());
  }

  private void scale(String namespace, int replicas) {
    patch(namespace, "{\"spec\":{\"replicas\":" + replicas + "}}");
  }

  private void patch(String namespace, String change) {
    fixture
        .client
        .apps()
        .deployments()
        .inNamespace(namespace)
        .withName("app")
        .patch(PatchContext.of(PatchType.JSON_MERGE), change);
  }

  /// The Deployment's event has a reason of its own. The operator watches it because of the policy.
  @Test
  void aRolloutWhoseReplicaSetIsRejected() {
    watch.watchReplicaSets();
    var namespace = enforced("default: {memory: 256Mi}", "count/replicasets.apps: 1");
    workload(namespace, "apps/v1", "Deployment", SELECTED, "");
    eventually(
        () ->
            assertThat(fixture.client.pods().inNamespace(namespace).list().getItems()).hasSize(1));
    patch(namespace, "{\"spec\":{\"template\":{\"metadata\":{\"labels\":{\"v\":\"2\"}}}}}");
    var line =
        "replicasets are rejected: exceeded quota: cgroup-policy, requested:"
            + " count/replicasets.apps=1, used: count/replicasets.apps=1, limited:"
            + " count/replicasets.apps=1";
    refused(namespace, "Deployment/app: " + line);
    within(
        PATIENCE,
        () ->
            assertThat(fixture.get("p").getStatus().violations())
                .singleElement()
                .satisfies(
                    violation -> {
                      assertThat(violation.check()).isEqualTo("RejectedByPolicy");
                      assertThat(violation.message()).contains(line);
                    }));
  }

  private boolean createdSince(String namespace, Workload workload, String uid, Instant since) {
    return fixture.client.pods().inNamespace(namespace).list().getItems().stream()
        .filter(
            pod ->
                pod.getMetadata().getOwnerReferences().stream()
                    .anyMatch(owner -> owner.getUid().equals(uid)))
        .anyMatch(pod -> !Instant.parse(pod.getMetadata().getCreationTimestamp()).isBefore(since));
  }

  /// Rejections by foreign objects are not attributed to the policy.
  @Test
  void quotasOfOtherOwnersAreNotReported() {
    var namespace = enforced("default: {memory: 256Mi}", "pods: '50'");
    fixture
        .client
        .resource(
            """
            apiVersion: v1
            kind: ResourceQuota
            metadata: {name: theirs, namespace: %s}
            spec: {hard: {pods: "0"}}
            """
                .formatted(namespace))
        .create();
    workload(namespace, "apps/v1", "Deployment", SELECTED, "");
    within(
        PATIENCE,
        () ->
            assertThat(fixture.client.v1().events().inNamespace(namespace).list().getItems())
                .anySatisfy(
                    event -> assertThat(event.getMessage()).contains("exceeded quota: theirs")));
    eventually(() -> assertThat(changed).as("seen").contains(namespace));
    assertThat(watch.findings(namespace)).isEmpty();
  }

  @Test
  void withoutThePermissionEverythingElseWorks() {
    SharedOperator.stop();
    try (var missing = Permissions.without("list", "events");
        var process = OperatorProcess.start()) {
      var namespace = fixture.namespace("a");
      fixture.policy("p", "mode: Enforce", 256);
      eventually(() -> assertThat(fixture.status("p", "Compliant")).isEqualTo("True Compliant"));
      assertThat(fixture.quota(namespace)).isNotNull();
      eventually(
          () -> {
            assertThat(process.log()).contains("events are not watched").contains("forbidden");
            assertThat(process.metrics()).contains("cgroup_policy_refusals_watched 0.0");
          });
      for (var probe : List.of("started", "ready", "live")) {
        assertThat(process.get("/q/health/" + probe)).startsWith("200");
      }
      missing.close();
      within(
          Duration.ofSeconds(90),
          () -> assertThat(process.metric("cgroup_policy_refusals_watched")).isEqualTo(1));
      assertThat(process.alive()).isTrue();
    }
  }
}
