package io.cgrouppolicy.cli;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Workloads.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.NamespaceOwner;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `kubectl cgp explain` on a real API server, beside an operator.
class ExplainIT {
  private static final String OBJECTS =
      """
      namespaces:
        selector: {matchLabels: {test: %s}}
        limitRange:
          limits:
          - {type: Container, default: {memory: 256Mi}, defaultRequest: {memory: 64Mi}, max: {memory: 1Gi}}
        resourceQuota:
          hard: {pods: "4", limits.memory: 3Gi}
      """;

  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();

  private Cli explain(String subject, String... more) {
    var kubeconfig = LocalCluster.get().adminKubeconfig().toString();
    var args = new ArrayList<>(List.of("explain", subject, "--kubeconfig", kubeconfig));
    args.addAll(List.of("-n", fixture.id + "-a"));
    args.addAll(List.of(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private void apply(String mode) {
    fixture.applySpec(
        "p", "mode: " + mode + "\ncontact: '#platform'\n" + OBJECTS.formatted(fixture.id));
  }

  private Workloads governed() {
    var workloads = new Workloads(fixture, fixture.namespace("a"));
    apply("Enforce");
    eventually(
        () -> {
          assertThat(fixture.limitRange(fixture.id + "-a")).isNotNull();
          assertThat(fixture.quota(fixture.id + "-a").getStatus().getUsed()).isNotEmpty();
        });
    return workloads;
  }

  private int pods(String app) {
    return fixture
        .client
        .pods()
        .inNamespace(fixture.id + "-a")
        .withLabel("app", app)
        .list()
        .getItems()
        .size();
  }

  @Test
  void showsTheDefaultsAndWhatTheQuotaCounts() {
    governed().deployment("web", 2, UNLIMITED);
    eventually(
        () -> {
          assertThat(pods("web")).isEqualTo(2);
          var explain = explain("deployment/web");
          assertThat(explain.exitCode()).as(explain.toString()).isEqualTo(KubectlCgp.OK);
          assertThat(explain.out())
              .contains("created beside the 2 that run")
              .contains("-p governs: mode Enforce, priority 0; its selector matches: test=")
              .contains("Now: admitted, QoS class Burstable")
              .contains("requests  memory 64Mi (default)")
              .contains("limits    memory 256Mi (default)")
              .contains("quota cgroup-policy: limits.memory 512Mi + 256Mi of 3Gi")
              .doesNotContain("With the objects");
        });
  }

  /// The change that it advises lets the pods in.
  @Test
  void advisesAChangeThatLetsTheWorkloadIn() {
    governed().statefulSet("db", 1, "{limits: {memory: 16Gi}}");
    var explain = explain("sts/db", "-o", "json");
    assertThat(explain.exitCode()).as(explain.toString()).isEqualTo(KubectlCgp.FOUND);
    var now = explain.json().path("now");
    assertThat(now.path("rejections").path(0).asText())
        .isEqualTo("container app: maximum memory usage per Container is 1Gi, but limit is 16Gi");
    assertThat(now.path("commands").path(0).asText())
        .isEqualTo(
            "kubectl set resources statefulset/db -n %s-a -c app --limits=memory=1Gi"
                .formatted(fixture.id));
    fixture
        .client
        .apps()
        .statefulSets()
        .inNamespace(fixture.id + "-a")
        .withName("db")
        .edit(
            set -> {
              set.getSpec()
                  .getTemplate()
                  .getSpec()
                  .getContainers()
                  .getFirst()
                  .getResources()
                  .setLimits(Map.of("memory", new Quantity("1Gi")));
              return set;
            });
    eventually(() -> assertThat(pods("db")).isEqualTo(1));
    assertThat(explain("sts/db").out())
        .contains("Now: admitted")
        .contains("after the pod that runs is gone");
  }

  @Test
  void saysHowFarAFullQuotaWouldHaveToRise() {
    var workloads = governed();
    workloads.deployment("web", 4, UNLIMITED);
    eventually(
        () ->
            assertThat(explain("deploy/web").out())
                .contains("Now: rejected")
                .contains("exceeded quota: cgroup-policy")
                .contains("It fits if the quota rises:")
                .contains("quota cgroup-policy: pods from 4 to 5"));
    assertThat(explain("pod/" + firstPod()).out())
        .contains("created again, after the pod that runs is gone", "Now: admitted");
  }

  private String firstPod() {
    var pods = fixture.client.pods().inNamespace(fixture.id + "-a").list().getItems();
    return pods.getFirst().getMetadata().getName();
  }

  @Test
  void saysWhatAPolicyInModeAuditWouldDo() {
    var workloads = new Workloads(fixture, fixture.namespace("a"));
    workloads.deployment("web", 1, "{limits: {memory: 2Gi}}");
    fixture.applySpec(
        "p",
        "mode: Audit\n"
            + OBJECTS.formatted(fixture.id)
            + "workloads: {requireRequests: [cpu], requireLimits: [memory]}");
    eventually(() -> assertThat(pods("web")).isEqualTo(1));
    var explain = explain("deployment/web");
    assertThat(explain.exitCode()).isEqualTo(KubectlCgp.FOUND);
    assertThat(explain.out())
        .contains("Now: admitted")
        .contains("With the objects of policy " + fixture.id + "-p: rejected")
        .contains("Not in the namespace: the policy is in mode Audit.")
        .contains("container app: set limits.memory to 1Gi instead of 2Gi")
        .contains("- RequestMissing: container app has no CPU request")
        .doesNotContain("MemoryLimitMissing");
  }

  @Test
  void saysWhyAPolicyDoesNotGovern() {
    new Workloads(fixture, fixture.namespace("a")).pod("one", UNLIMITED);
    fixture.applySpec(
        "p", "namespaces: {selector: {matchLabels: {test: %s, tier: gold}}}".formatted(fixture.id));
    fixture.applySpec(
        "q",
        "mode: Enforce\nnamespaces: {selector: {matchLabels: {test: %s}}, exclude: ['%s-a']}"
            .formatted(fixture.id, fixture.id));
    fixture.applySpec("r", "mode: Enforce\npriority: 5\n" + OBJECTS.formatted(fixture.id));
    fixture.applySpec("s", "mode: Audit\n" + OBJECTS.formatted(fixture.id));
    assertThat(explain("pod/one").out())
        .contains("its selector requires tier=gold, but the label is not set")
        .contains("its spec.namespaces.exclude names the namespace")
        .contains("-r governs: mode Enforce, priority 5")
        .contains("-s is overruled: ", "policy " + fixture.id + "-r has precedence");
  }

  @Test
  void anOwnerOfTheNamespaceLearnsWhyAPodIsRejected() {
    governed().statefulSet("db", 1, "{limits: {memory: 16Gi}}");
    try (var owner = new NamespaceOwner(fixture)) {
      owner.grant(fixture.id + "-a", "admin");
      var explain = explain("sts/db", "--as", NamespaceOwner.NAME);
      assertThat(explain.exitCode()).as(explain.toString()).isEqualTo(KubectlCgp.FOUND);
      assertThat(explain.out())
          .contains("none: you may not list cgrouppolicies")
          .contains("LimitRange cgroup-policy of policy " + fixture.id + "-p; ask #platform")
          .contains("Now: rejected", "set limits.memory to 1Gi");
    }
  }

  @Test
  void errorsNameTheirCause() {
    fixture.namespace("a");
    assertThat(explain("web").err()).contains("'web' is not KIND/NAME");
    assertThat(explain("service/web").err()).contains("kind service is not one of pod, deployment");
    var missing = explain("deployment/web");
    assertThat(missing.exitCode()).isEqualTo(KubectlCgp.FAILED);
    assertThat(missing.err())
        .isEqualTo("error: deployment web not found in namespace %s-a\n".formatted(fixture.id));
  }
}
