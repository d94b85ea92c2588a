package io.cgrouppolicy.cli;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Workloads.LIMITED;
import static io.cgrouppolicy.testing.Workloads.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.NamespaceOwner;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// `kubectl cgp recommend` on a real API server, which is the judge: with the recommended objects
/// in place, it admits every pod that ran before.
class RecommendIT {
  private static final String REQUESTED = "{requests: {cpu: 100m, memory: 1Gi}}";

  /// What metrics-server would serve, stored. The API group is protected, hence the annotation.
  private static final String METRICS =
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata:
        name: pods.metrics.k8s.io
        annotations: {api-approved.kubernetes.io: "unapproved, for a test"}
      spec:
        group: metrics.k8s.io
        scope: Namespaced
        names: {plural: pods, kind: PodMetrics, listKind: PodMetricsList}
        versions:
        - name: v1beta1
          served: true
          storage: true
          schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """;

  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();
  @TempDir Path directory;

  private static Cli cgp(String command, String... more) {
    var kubeconfig = LocalCluster.get().adminKubeconfig().toString();
    var args = new ArrayList<>(List.of(command, "--kubeconfig", kubeconfig));
    args.addAll(List.of(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private static Cli recommend(String... more) {
    return cgp("recommend", more);
  }

  private static String words(Cli run) {
    return run.out().replaceAll("\n *# *", " ");
  }

  private Cli audit(Cli recommended) throws IOException {
    var file = directory.resolve("recommended.yaml");
    Files.writeString(file, recommended.out());
    return cgp("audit", "-f", file.toString(), "-o", "json");
  }

  private static int wouldReject(Cli audit) {
    var status = audit.json().path("policies").path(0).path("status");
    assertThat(status.path("preview").path("wouldChange").asInt()).as("previewed").isPositive();
    assertThat(status.findValuesAsText("check")).doesNotContain("WouldReject");
    return status.path("preview").path("wouldReject").asInt(-1);
  }

  private List<Pod> pods(String namespace) {
    return fixture.client.pods().inNamespace(namespace).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  private String workloads() {
    var name = fixture.namespace("a");
    var workloads = new Workloads(fixture, name);
    workloads.deployment("web", 4, UNLIMITED);
    workloads.deployment("indexer", 2, REQUESTED);
    workloads.statefulSet("db", 1, "{limits: {cpu: 2, memory: 16Gi}}");
    workloads.job("once", LIMITED, null);
    workloads.pod("alone", UNLIMITED);
    workloads.pod("tiny", "{limits: {memory: 1Mi}}");
    eventually(() -> assertThat(pods(name)).hasSize(10));
    return name;
  }

  private static CgroupPolicy parse(Cli run) {
    return Serialization.unmarshal(run.out(), CgroupPolicy.class);
  }

  /// The printed policy as the user goes on with it.
  private void enforce(Cli recommended) {
    fixture.apply("p", recommended.out().replace("mode: Audit", "mode: Enforce"));
  }

  @Test
  void theApiServerAdmitsEveryPodAgainWithTheRecommendedObjectsInPlace() throws IOException {
    var namespace = workloads();
    var run = recommend("-n", namespace, "--name", fixture.id + "-p");
    assertThat(run.exitCode()).as(run.toString()).isEqualTo(KubectlCgp.OK);
    assertThat(run.err()).isEmpty();
    assertThat(wouldReject(audit(run))).isZero();
    assertThat(parse(run).getSpec().namespaces().limitRange().limits().getFirst().defaultLimit())
        .hasToString("{memory=16Gi}");

    enforce(run);
    eventually(
        () -> {
          assertThat(fixture.quota(namespace)).isNotNull();
          var quota = fixture.quota(namespace);
          assertThat(quota.getStatus().getHard()).isEqualTo(quota.getSpec().getHard());
        });
    for (var pod : pods(namespace)) {
      recreate(pod);
    }
    assertThat(pods(namespace))
        .hasSize(10)
        .allSatisfy(
            pod ->
                assertThat(pod.getSpec().getContainers().getFirst().getResources().getLimits())
                    .containsKey("memory"));
    rollOut(namespace, "web", 4 + 1);
  }

  /// A pod without a controller as it was written; others by their controller.
  private void recreate(Pod pod) {
    var namespace = pod.getMetadata().getNamespace();
    int before = pods(namespace).size();
    fixture.client.resource(pod).withGracePeriod(0).delete();
    if (pod.getMetadata().getOwnerReferences().isEmpty()) {
      eventually(() -> assertThat(fixture.client.resource(pod).get()).as("deleted").isNull());
      fixture.client.resource(asWritten(pod)).create();
    }
    eventually(
        () -> {
          var now = pods(namespace);
          assertThat(now)
              .as("pods after the deletion of " + pod.getMetadata().getName())
              .hasSize(before);
          assertThat(now)
              .extracting(p -> p.getMetadata().getUid())
              .doesNotContain(pod.getMetadata().getUid());
        });
  }

  private static Pod asWritten(Pod pod) {
    return new PodBuilder(pod)
        .withMetadata(
            new ObjectMetaBuilder()
                .withName(pod.getMetadata().getName())
                .withNamespace(pod.getMetadata().getNamespace())
                .build())
        .editSpec()
        .withVolumes()
        .editFirstContainer()
        .withVolumeMounts()
        .endContainer()
        .endSpec()
        .withStatus(null)
        .build();
  }

  /// Nothing becomes ready here, so the surge stays.
  private void rollOut(String namespace, String deployment, int atLeast) {
    fixture
        .client
        .apps()
        .deployments()
        .inNamespace(namespace)
        .withName(deployment)
        .rolling()
        .restart();
    eventually(
        () ->
            assertThat(
                    pods(namespace).stream()
                        .filter(pod -> pod.getMetadata().getName().startsWith(deployment + "-")))
                .hasSizeGreaterThanOrEqualTo(atLeast));
  }

  @Test
  void thePolicyForAllNamespacesWouldRejectNothing() {
    workloads();
    var other = fixture.namespace("b");
    new Workloads(fixture, other).deployment("api", 1, LIMITED);
    eventually(() -> assertThat(pods(other)).hasSize(1));
    eventually(
        () -> { // other tests' namespaces come and go
          var run = recommend();
          assertThat(run.exitCode()).as(run.toString()).isEqualTo(KubectlCgp.OK);
          assertThat(wouldReject(audit(run))).isZero();
          assertThat(words(run))
              .contains("all but system namespaces", "metrics.k8s.io is not installed");
          fixture
              .client
              .resource(parse(run))
              .dryRun()
              .patch(
                  new PatchContext.Builder()
                      .withPatchType(PatchType.SERVER_SIDE_APPLY)
                      .withFieldManager("test")
                      .build());
        });
  }

  @Test
  void aLimitRangeThatContradictsIsSaid() {
    var namespace = workloads();
    fixture
        .client
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: v1
                kind: LimitRange
                metadata: {name: theirs, namespace: %s}
                spec: {limits: [{type: Container, max: {memory: 2Gi}}]}
                """
                    .formatted(namespace),
                HasMetadata.class))
        .create();
    var one = recommend("-n", namespace);
    assertThat(one.exitCode()).isEqualTo(KubectlCgp.FOUND);
    assertThat(one.err()).contains("would reject pods that run in namespace " + namespace);
    assertThat(words(one))
        .contains(
            "IT WOULD REJECT PODS THAT RUN TODAY", "maximum memory usage per Container is 2Gi");

    var other = fixture.namespace("b");
    new Workloads(fixture, other).deployment("api", 1, LIMITED);
    eventually(() -> assertThat(pods(other)).hasSize(1));
    var all = recommend();
    assertThat(all.exitCode()).isEqualTo(KubectlCgp.FOUND);
    assertThat(all.err()).contains("leaves out namespace " + namespace);
    assertThat(parse(all).getSpec().namespaces().exclude()).contains(namespace);
  }

  @Test
  @EmbeddedCluster("it must not have a metrics-server")
  void usageIsThatOfMetricsServer() throws IOException {
    var namespace = workloads();
    var definition = Serialization.unmarshal(METRICS, CustomResourceDefinition.class);
    try {
      fixture.client.resource(definition).create();
      eventually(() -> pods(namespace).forEach(pod -> measured(pod, "700Mi")));
      var run = recommend("-n", namespace, "--headroom", "50");
      assertThat(run.exitCode()).as(run.toString()).isEqualTo(KubectlCgp.OK);
      assertThat(words(run))
          .contains("metrics.k8s.io, one sample of each container, which is no peak")
          .contains("uses 700Mi without a limit: 1.1Gi with head-room.");
      assertThat(parse(run).getSpec().namespaces().limitRange().limits().getFirst().defaultLimit())
          .hasToString("{memory=1536Mi}");
      assertThat(wouldReject(audit(run))).isZero();

      try (var owner = new NamespaceOwner(fixture)) {
        owner.grant(namespace, "view");
        var view = recommend("--as", NamespaceOwner.NAME, "-n", namespace);
        assertThat(view.exitCode()).as(view.toString()).isEqualTo(KubectlCgp.OK);
        assertThat(words(view))
            .contains("Usage: unknown (metrics.k8s.io: pods.metrics.k8s.io is forbidden");
      }
    } finally {
      fixture.client.resource(definition).delete();
    }
    eventually(
        () ->
            assertThat(fixture.client.resource(definition).get())
                .as("so that other tests have none")
                .isNull());
  }

  private void measured(Pod pod, String memory) {
    fixture
        .client
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: metrics.k8s.io/v1beta1
                kind: PodMetrics
                metadata: {name: %s, namespace: %s}
                timestamp: "2026-11-30T12:00:00Z"
                window: 15s
                containers: [{name: app, usage: {cpu: 1512034n, memory: %s}}]
                """
                    .formatted(
                        pod.getMetadata().getName(), pod.getMetadata().getNamespace(), memory),
                GenericKubernetesResource.class))
        .serverSideApply();
  }

  @Test
  void usageIsThatOfPrometheus() throws IOException {
    var namespace = workloads();
    var rows =
        pods(namespace).stream()
            .map(
                pod ->
                    "{\"metric\":{\"namespace\":\"%s\",\"pod\":\"%s\",\"container\":\"app\"},\"value\":[1,\"%d\"]}"
                        .formatted(namespace, pod.getMetadata().getName(), 3L << 30))
            .collect(Collectors.joining(","));
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/v1/query",
        exchange -> {
          try (exchange) {
            var body =
                "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[%s]}}"
                    .formatted(rows)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    var url = "http://127.0.0.1:" + server.getAddress().getPort();
    try {
      var run = recommend("-n", namespace, "--prometheus", url, "--window", "2d");
      assertThat(run.exitCode()).as(run.toString()).isEqualTo(KubectlCgp.OK);
      assertThat(words(run))
          .contains(
              "Prometheus at " + url + ", the last 2d", "used up to 3Gi without a limit: 3.9Gi");
      assertThat(parse(run).getSpec().namespaces().limitRange().limits().getFirst().defaultLimit())
          .hasToString("{memory=4Gi}");
    } finally {
      server.stop(0);
    }
    var gone = recommend("-n", namespace, "--prometheus", url);
    assertThat(gone.exitCode()).isEqualTo(KubectlCgp.FAILED);
    assertThat(gone.err())
        .isEqualTo(
            "error: Prometheus at " + url + " cannot be reached: the connection was refused\n");
    assertThat(gone.out()).isEmpty();
  }

  @Test
  void errorsNameTheirCause() {
    assertThat(recommend("-n", "missing").err()).isEqualTo("error: namespace missing not found\n");
    var empty = fixture.namespace("empty");
    var run = recommend("-n", empty);
    assertThat(run.exitCode()).isEqualTo(KubectlCgp.FAILED);
    assertThat(run.err()).contains("no pod runs in " + empty);
    try (var owner = new NamespaceOwner(fixture)) {
      owner.grant(empty, "view");
      var all = recommend("--as", NamespaceOwner.NAME);
      assertThat(all.exitCode()).isEqualTo(KubectlCgp.FAILED);
      assertThat(all.err()).contains("limitranges is forbidden", "use --namespace");
    }
  }

  @Test
  void aQuotaThatIsTooSmallWouldBeNoticed() {
    var namespace = workloads();
    var run = recommend("-n", namespace, "--name", fixture.id + "-p", "--headroom", "0");
    var smaller = run.out().replaceFirst("pods: \"[0-9]+\"", "pods: \"9\"");
    fixture.apply("p", smaller);
    eventually(() -> assertThat(fixture.checks("p")).contains("WouldReject"));
    assertThat(
            fixture.client.resources(ResourceQuota.class).inNamespace(namespace).list().getItems())
        .isEmpty();
  }

  @Test
  @EmbeddedCluster("its audit log of writes")
  void writesNothing() {
    recommend("-n", workloads());
    assertThat(LocalCluster.get().auditedWrites("kubectl-cgp")).isEmpty();
  }
}
