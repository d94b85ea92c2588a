package io.cgrouppolicy.cli;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Workloads.LIMITED;
import static io.cgrouppolicy.testing.Workloads.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.NamespaceOwner;
import io.cgrouppolicy.testing.SharedOperator;
import io.cgrouppolicy.testing.Workloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// `kubectl cgp audit` on a real API server, beside an operator.
class AuditIT {
  @BeforeAll
  static void startOperator() {
    SharedOperator.get();
  }

  @RegisterExtension final Fixture fixture = new Fixture();
  @TempDir Path directory;

  private static Cli audit(String... more) {
    var kubeconfig = LocalCluster.get().adminKubeconfig().toString();
    var args = new ArrayList<>(List.of("audit", "--kubeconfig", kubeconfig));
    args.addAll(List.of(more));
    return Cli.run(args.toArray(String[]::new));
  }

  private static JsonNode policy(Cli audit, String name) {
    return StreamSupport.stream(audit.json().path("policies").spliterator(), false)
        .filter(policy -> policy.path("name").asText().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no policy " + name + " in " + audit));
  }

  /// A status without what depends on time: those of conditions, and what a policy that is not in
  /// the cluster has not.
  private static JsonNode timeless(JsonNode status) {
    var copy = (ObjectNode) status.deepCopy();
    copy.remove("observedGeneration");
    copy.withArray("conditions")
        .forEach(
            condition -> {
              ((ObjectNode) condition).remove("lastTransitionTime");
              ((ObjectNode) condition).remove("observedGeneration");
            });
    return copy;
  }

  private JsonNode status(String suffix) {
    return new ObjectMapper().valueToTree(fixture.get(suffix).getStatus());
  }

  /// Whatever the operator and the command say of the same cluster is the same.
  private void agrees(String suffix) {
    eventually(
        () -> {
          fixture.condition(suffix, "Ready");
          var said = policy(audit("-o", "json"), fixture.id + "-" + suffix).path("status");
          assertThat(timeless(said)).isEqualTo(timeless(status(suffix)));
        });
  }

  private static final String SPEC =
      """
      %s
      namespaces:
        selector: {matchLabels: {test: %s}}
        exclude: ["*-excluded"]
        limitRange:
          limits:
          - {type: Container, default: {memory: 256Mi}, defaultRequest: {memory: 64Mi}, max: {memory: 1Gi}}
          - {type: PersistentVolumeClaim, max: {storage: 10Gi}}
        resourceQuota:
          hard: {pods: "4", limits.memory: 64Gi}
      workloads: {requireLimits: [memory], requireRequests: [cpu], allowBestEffort: false}
      exceptions:
      - {check: RequestMissing, namespaces: ["*-b"], reason: test}
      """;

  private void workloads() {
    var a = new Workloads(fixture, fixture.namespace("a"));
    a.deployment("web", 3, UNLIMITED);
    a.statefulSet("db", 1, "{limits: {memory: 16Gi}}");
    a.job("once", LIMITED, null);
    a.pod("alone", UNLIMITED);
    var b = new Workloads(fixture, fixture.namespace("b"));
    b.deployment("api", 1, LIMITED);
    b.mirror("static", UNLIMITED, "node-of-" + fixture.id);
    fixture.foreignLimitRange(fixture.id + "-b", "other");
    new Workloads(fixture, fixture.namespace("excluded")).pod("ignored", UNLIMITED);
    fixture.namespace("empty");
    eventually(
        () -> {
          assertThat(pods("a")).isEqualTo(6);
          assertThat(pods("b")).isEqualTo(2);
        });
  }

  private int pods(String suffix) {
    return fixture.client.pods().inNamespace(fixture.id + "-" + suffix).list().getItems().size();
  }

  @Test
  void saysWhatTheOperatorSaysInModeAudit() {
    workloads();
    fixture.applySpec("p", SPEC.formatted("mode: Audit", fixture.id));
    agrees("p");
    assertThat(fixture.checks("p"))
        .contains("LimitRangeMissing", "WouldReject", "MemoryLimitMissing", "BestEffortPod");
  }

  @Test
  void saysWhatTheOperatorSaysOfAPolicyThatWaits() {
    workloads();
    fixture.applySpec("p", SPEC.formatted("mode: Enforce\nrollout: WhenSafe", fixture.id));
    eventually(
        () -> {
          fixture.condition("p", "Ready");
          var preview = fixture.get("p").getStatus().preview();
          assertThat(preview).isNotNull();
          assertThat(preview.waiting()).isEqualTo(1);
        });
    agrees("p");
  }

  @Test
  void saysWhatTheOperatorWouldSayOfAPolicyInAFile() throws IOException {
    workloads();
    var file = directory.resolve("policy.yaml");
    Files.writeString(
        file,
        "apiVersion: cgroup-policy.io/v1alpha1\nkind: CgroupPolicy\nmetadata: {name: %s-p}\nspec:\n%s"
            .formatted(fixture.id, SPEC.formatted("mode: Audit", fixture.id).indent(2)));
    var before = audit("-f", file.toString(), "-o", "json");
    assertThat(before.exitCode()).isEqualTo(KubectlCgp.FOUND);
    fixture.applySpec("p", SPEC.formatted("mode: Audit", fixture.id));
    eventually(
        () -> {
          fixture.condition("p", "Ready");
          assertThat(timeless(policy(before, fixture.id + "-p").path("status")))
              .isEqualTo(timeless(status("p")));
        });
  }

  /// A change of a policy can be looked at before it is applied.
  @Test
  void aPolicyInAFileIsTheOneOfTheSameNameInTheCluster() throws IOException {
    fixture.namespace("a");
    var yaml = fixture.yaml("p", "mode: Enforce", 256);
    fixture.apply("p", yaml);
    eventually(() -> assertThat(fixture.status("p", "NamespacesCompliant")).startsWith("True"));
    var file = directory.resolve("policy.yaml").toString();
    write(file, yaml);
    assertThat(audit("-f", file).exitCode()).isEqualTo(KubectlCgp.OK);
    write(file, fixture.yaml("p", "mode: Enforce", 128));
    var changed = audit("-f", file, "-o", "json");
    var status = policy(changed, fixture.id + "-p").path("status");
    assertThat(status.path("violationsByCheck").toString())
        .isEqualTo("{\"LimitRangeDrifted\":1,\"ResourceQuotaDrifted\":1}");
  }

  @Test
  void listsAllOfMoreThanAHundredViolations() {
    var name = fixture.namespace("many");
    var workloads = new Workloads(fixture, name);
    for (int i = 0; i < 120; i++) {
      workloads.pod("pod-" + i, UNLIMITED);
    }
    fixture.applySpec(
        "p",
        "namespaces: {selector: {matchLabels: {test: %s}}}\nworkloads: {requireLimits: [memory]}"
            .formatted(fixture.id));
    var status = policy(audit("-o", "json"), fixture.id + "-p").path("status");
    assertThat(status.path("violationCount").asInt()).isEqualTo(120);
    assertThat(status.path("violations")).hasSize(120);
    eventually(
        () -> {
          assertThat(fixture.violations("p")).hasSize(100);
          assertThat(fixture.get("p").getStatus().violationCount()).isEqualTo(120);
        });
  }

  @Test
  void everyFormatReportsTheSameFindings() {
    workloads();
    var namespace = fixture.id + "-a";
    for (var format :
        List.of("table", "wide", "json", "yaml", "markdown", "junit", "sarif", "html")) {
      var audit = audit("--preset", "strict", "-n", namespace, "-o", format);
      assertThat(audit.exitCode()).as(format).isEqualTo(KubectlCgp.FOUND);
      assertThat(audit.err()).as(format).isEmpty();
      assertThat(audit.out().replace("\\", ""))
          .as(format)
          .contains("WouldReject", "MemoryLimitMissing", namespace + "/web: 3 pods");
    }
  }

  @Test
  void theExitCodeDependsOnTheSeverity() {
    var name = fixture.namespace("a");
    var workloads = new Workloads(fixture, name);
    workloads.pod("low", "{limits: {memory: 64Mi}, requests: {memory: 64Mi}}");
    fixture.applySpec(
        "p",
        """
        namespaces: {selector: {matchLabels: {test: %s}}}
        workloads: {requireRequests: [cpu]}
        """
            .formatted(fixture.id));
    var file = directory.resolve("p.yaml").toString();
    write(file, fixture.client.getKubernetesSerialization().asYaml(fixture.get("p")));
    assertThat(audit("-f", file).exitCode()).isEqualTo(KubectlCgp.FOUND);
    assertThat(audit("-f", file, "--fail-on", "Medium").exitCode()).isEqualTo(KubectlCgp.OK);
    assertThat(audit("-f", file, "--fail-on", "low").exitCode()).isEqualTo(KubectlCgp.FOUND);
  }

  private static void write(String file, String text) {
    try {
      Files.writeString(Path.of(file), text);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anOwnerOfANamespaceLooksAtItAndLearnsWhatWasLeftOut() {
    workloads();
    var namespace = fixture.id + "-a";
    try (var owner = new NamespaceOwner(fixture)) {
      owner.grant(namespace, "admin");
      var all = audit("--as", NamespaceOwner.NAME);
      assertThat(all.exitCode()).isEqualTo(KubectlCgp.FAILED);
      assertThat(all.err()).contains("limitranges is forbidden: User \"owner\"", "use --namespace");

      var one = audit("--as", NamespaceOwner.NAME, "-n", namespace);
      assertThat(one.exitCode()).isEqualTo(KubectlCgp.FOUND);
      assertThat(one.out())
          .contains("you may not list cgrouppolicies", namespace + "/web: 3 pods", "Not looked at")
          .contains("nodes: the audit is of one namespace");
    }
  }

  @Test
  void errorsNameTheirCause() {
    assertThat(audit("-n", "missing"))
        .extracting(Cli::exitCode, Cli::err)
        .containsExactly(KubectlCgp.FAILED, "error: namespace missing not found\n");
    var file = directory.resolve("bad.yaml").toString();
    write(file, "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n");
    assertThat(audit("-f", file).err()).contains("contains a Pod, no CgroupPolicy");
    write(file, fixture.impossible("p"));
    assertThat(audit("-f", file).err()).contains("policy " + fixture.id + "-p is invalid: spec.");
    assertThat(audit("-f", file + "x").err()).contains("cannot read " + file + "x");
    assertThat(audit("--context", "nowhere").err()).contains("no context nowhere");
    assertThat(audit("--preset", "lax").exitCode()).isEqualTo(KubectlCgp.FAILED);
  }

  /// The user of the test may do all; the command must not use that.
  @Test
  @EmbeddedCluster("its audit log of writes")
  void writesNothing() {
    workloads();
    fixture.applySpec("p", SPEC.formatted("mode: Audit", fixture.id));
    agrees("p");
    audit("--preset", "strict");
    assertThat(LocalCluster.get().auditedWrites("kubectl-cgp")).isEmpty();
    assertThat(LocalCluster.get().auditedWrites("fabric8-kubernetes-client"))
        .as("writes of the test, whose user agent is in the log too")
        .isNotEmpty();
  }
}
