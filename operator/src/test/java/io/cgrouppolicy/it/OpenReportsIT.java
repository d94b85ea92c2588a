package io.cgrouppolicy.it;

import static io.cgrouppolicy.testing.Fixture.eventually;
import static io.cgrouppolicy.testing.Fixture.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.testing.EmbeddedCluster;
import io.cgrouppolicy.testing.Fixture;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.NamespaceOwner;
import io.cgrouppolicy.testing.OpenReports;
import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.Workloads;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The violations as Reports and ClusterReports on the CRDs of OpenReports, by an operator with the
/// setting and the permission for that.
@EmbeddedCluster("reads the audit log")
class OpenReportsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static OperatorProcess operator;

  @RegisterExtension final Fixture fixture = new Fixture();

  @BeforeAll
  static void start() {
    OpenReports.install();
    OpenReports.grant();
    LocalCluster.get().control("restart-controller-manager"); // discovers the kinds now
    operator = new OperatorProcess(OpenReports.SETTINGS);
  }

  @AfterAll
  static void stop() {
    try {
      operator.close();
    } finally {
      OpenReports.revoke();
      OpenReports.uninstall();
    }
  }

  @AfterEach
  void removeNodes() {
    fixture.client.nodes().withLabel("test", fixture.id).delete();
  }

  private String name() {
    return fixture.id + "-p";
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

  private List<GenericKubernetesResource> reports(String namespace) {
    return OpenReports.reports(fixture.client, namespace);
  }

  /// By CHECK KIND NAME.
  private List<String> results(String namespace) {
    return OpenReports.results(reports(namespace)).stream().map(OpenReportsIT::line).toList();
  }

  private static String line(JsonNode result) {
    var object = result.at("/resources/0");
    return result.path("rule").asText()
        + " "
        + object.path("kind").asText()
        + " "
        + object.path("name").asText();
  }

  private void published() {
    within(
        PATIENCE,
        () -> assertThat(fixture.status("p", "ReportsPublished")).isEqualTo("True Published"));
  }

  @Test
  void reportsFollowTheViolations() {
    var namespace = fixture.namespace("a");
    var clean = fixture.namespace("clean");
    var workloads = new Workloads(fixture, namespace);
    var pod = workloads.pod("bare", Workloads.UNLIMITED);
    policy("workloads: {requireLimits: [memory]}");
    eventually(() -> assertThat(results(namespace)).containsExactly("MemoryLimitMissing Pod bare"));
    published();
    var report = JSON.<JsonNode>valueToTree(reports(namespace).getFirst());
    assertThat(report.path("source").asText()).isEqualTo("cgroup-policy");
    assertThat(report.at("/summary/fail").asInt()).isEqualTo(1);
    assertThat(report.at("/metadata/ownerReferences/0/uid").asText())
        .isEqualTo(fixture.get("p").getMetadata().getUid());
    assertThat(report.at("/results/0/policy").asText()).isEqualTo(name());
    assertThat(report.at("/results/0/severity").asText()).isEqualTo("high");
    assertThat(report.at("/results/0/timestamp/seconds").asLong()).isPositive();
    assertThat(reports(clean)).as("no report without a violation").isEmpty();

    workloads.pod("second", Workloads.UNLIMITED);
    eventually(() -> assertThat(results(namespace)).hasSize(2));
    var after = JSON.<JsonNode>valueToTree(reports(namespace).getFirst());
    assertThat(after.at("/results/0/timestamp"))
        .as("since when it has been reported")
        .isEqualTo(report.at("/results/0/timestamp"));

    fixture.client.resource(pod).delete();
    eventually(
        () -> assertThat(results(namespace)).containsExactly("MemoryLimitMissing Pod second"));
    fixture.client.pods().inNamespace(namespace).withName("second").delete();
    eventually(() -> assertThat(reports(namespace)).isEmpty());
    assertThat(fixture.policyEvents("p"))
        .as("one event says that reports are published")
        .filteredOn(event -> event.getReason().equals("Published"))
        .singleElement()
        .satisfies(event -> assertThat(event.getType()).isEqualTo("Normal"));
  }

  @Test
  void allViolationsOfOneNamespaceAreInSeveralObjects() {
    var namespace = fixture.namespace("a");
    var workloads = new Workloads(fixture, namespace);
    int pods = 300;
    IntStream.range(0, pods).parallel().forEach(i -> workloads.pod("p" + i, Workloads.UNLIMITED));
    policy(
        "workloads: {requireLimits: [memory, cpu], requireRequests: [memory], allowBestEffort: false}");
    within(PATIENCE, () -> assertThat(results(namespace)).hasSize(4 * pods));
    assertThat(new HashSet<>(results(namespace))).hasSize(4 * pods);
    var objects = reports(namespace);
    assertThat(objects)
        .extracting(report -> report.getMetadata().getName())
        .containsExactlyInAnyOrder("cgroup-policy-" + name(), "cgroup-policy.2-" + name());
    assertThat(objects)
        .allSatisfy(
            report -> assertThat(OpenReports.results(List.of(report))).hasSizeLessThan(1001));
    assertThat(fixture.get("p").getStatus().violations()).hasSize(100);
    fixture.client.pods().inNamespace(namespace).delete();
    within(PATIENCE, () -> assertThat(reports(namespace)).isEmpty());
  }

  /// The API server drops what its CRD does not have, unless it validates strictly.
  @Test
  void whatIsWrittenIsWhatTheCrdHas() {
    var namespace = fixture.namespace("a");
    Workloads.node(fixture, "n");
    new Workloads(fixture, namespace).pod("bare", Workloads.UNLIMITED);
    policy(
        "workloads: {requireLimits: [memory]}\nnodes: {selector: {matchLabels: {test: %s}}, kubelet: {podPidsLimit: 4096}}"
            .formatted(fixture.id));
    within(
        PATIENCE,
        () -> {
          assertThat(reports(namespace)).hasSize(1);
          assertThat(clusterReports()).hasSize(1);
        });
    for (var report : List.of(reports(namespace).getFirst(), clusterReports().getFirst())) {
      var copy = new GenericKubernetesResource();
      copy.setApiVersion(report.getApiVersion());
      copy.setKind(report.getKind());
      copy.setMetadata(
          report
              .getMetadata()
              .edit()
              .withName("copy-" + fixture.id)
              .withUid(null)
              .withResourceVersion(null)
              .withManagedFields()
              .build());
      copy.setAdditionalProperties(report.getAdditionalProperties());
      assertThat(copy.getAdditionalProperties()).containsOnlyKeys("source", "summary", "results");
      var path =
          "/apis/openreports.io/v1alpha1/"
              + (report.getMetadata().getNamespace() == null
                  ? "clusterreports"
                  : "namespaces/" + namespace + "/reports");
      fixture.client.raw(path + "?dryRun=All&fieldValidation=Strict", "POST", copy);
    }
    var result = OpenReports.results(clusterReports()).getFirst();
    assertThat(result.path("result").asText()).isEqualTo("error");
    assertThat(result.path("rule").asText()).isEqualTo("KubeletUnreachable");
    assertThat(result.at("/resources/0/kind").asText()).isEqualTo("Node");
    assertThat(result.at("/properties/expected").asText()).isNotEmpty();
  }

  private List<GenericKubernetesResource> clusterReports() {
    return OpenReports.clusterReports(fixture.client, name());
  }

  @Test
  void nothingIsWrittenWhenNothingChanges() {
    var namespace = fixture.namespace("a");
    new Workloads(fixture, namespace).pod("bare", Workloads.UNLIMITED);
    policy("workloads: {requireLimits: [memory]}");
    eventually(() -> assertThat(reports(namespace)).hasSize(1));
    published();
    var before = reports(namespace).getFirst().getMetadata().getResourceVersion();
    long lists = lists();
    within(
        PATIENCE,
        () -> assertThat(lists()).as("two further lists").isGreaterThanOrEqualTo(lists + 2));
    assertThat(reports(namespace).getFirst().getMetadata().getResourceVersion()).isEqualTo(before);

    operator.close();
    operator = new OperatorProcess(OpenReports.SETTINGS);
    within(PATIENCE, () -> assertThat(lists()).isGreaterThan(lists + 2));
    published();
    assertThat(reports(namespace).getFirst().getMetadata().getResourceVersion())
        .as("a restart writes nothing that is already right")
        .isEqualTo(before);
    assertThat(OpenReports.requests())
        .filteredOn(request -> request.contains("/" + namespace + "/"))
        .as("one create")
        .hasSize(1);
  }

  private long lists() {
    return OpenReports.requests().stream()
        .filter(request -> request.startsWith("list ") && request.contains(name()))
        .filter(request -> request.contains("/reports?"))
        .count();
  }

  @Test
  void whatOthersChangeIsRestored() {
    var namespace = fixture.namespace("a");
    new Workloads(fixture, namespace).pod("bare", Workloads.UNLIMITED);
    policy("workloads: {requireLimits: [memory]}");
    eventually(() -> assertThat(results(namespace)).hasSize(1));
    var stored =
        fixture
            .client
            .genericKubernetesResources("openreports.io/v1alpha1", "Report")
            .inNamespace(namespace)
            .withName("cgroup-policy-" + name());
    stored.edit(
        report -> {
          report.getAdditionalProperties().put("results", List.of(Map.of("policy", "forged")));
          return report;
        });
    within(
        PATIENCE,
        () -> assertThat(results(namespace)).containsExactly("MemoryLimitMissing Pod bare"));
    stored.edit(
        report -> {
          report.getMetadata().setLabels(Map.of());
          return report;
        });
    within(PATIENCE, () -> assertThat(stored.get().getMetadata().getLabels()).hasSize(2));
    stored.delete();
    within(PATIENCE, () -> assertThat(results(namespace)).hasSize(1));
  }

  @Test
  void aReportOfAnotherOwnerStaysAndIsReported() {
    var namespace = fixture.namespace("a");
    var theirs = new GenericKubernetesResource();
    theirs.setApiVersion("openreports.io/v1alpha1");
    theirs.setKind("Report");
    theirs.setMetadata(
        new io.fabric8.kubernetes.api.model.ObjectMetaBuilder()
            .withName("cgroup-policy-" + name())
            .withNamespace(namespace)
            .build());
    theirs.setAdditionalProperty("source", "theirs");
    fixture.client.resource(theirs).create();
    var other = fixture.namespace("b");
    new Workloads(fixture, namespace).pod("bare", Workloads.UNLIMITED);
    new Workloads(fixture, other).pod("bare", Workloads.UNLIMITED);
    policy("workloads: {requireLimits: [memory]}");
    within(
        PATIENCE,
        () ->
            assertThat(fixture.status("p", "ReportsPublished")).isEqualTo("False ReportConflict"));
    assertThat(fixture.condition("p", "ReportsPublished").getMessage())
        .contains("Report " + namespace + "/cgroup-policy-" + name());
    eventually(() -> assertThat(results(other)).as("other namespaces").hasSize(1));
    assertThat(results(namespace)).isEmpty();
    fixture.client.resource(theirs).delete();
    published();
    eventually(() -> assertThat(results(namespace)).hasSize(1));
  }

  @Test
  void theOwnerOfANamespaceReadsItsReportsAndNoOthers() {
    var mine = fixture.namespace("mine");
    var other = fixture.namespace("other");
    new Workloads(fixture, mine).pod("bare", Workloads.UNLIMITED);
    policy("workloads: {requireLimits: [memory]}");
    eventually(() -> assertThat(results(mine)).hasSize(1));
    try (var owner = new NamespaceOwner(fixture)) {
      owner.grant(mine, "cgroup-policy-report-viewer", OpenReports.GROUP, "reports");
      assertThat(OpenReports.reports(owner.client(), mine)).hasSize(1);
      assertThatThrownBy(() -> OpenReports.reports(owner.client(), other))
          .isInstanceOf(KubernetesClientException.class)
          .hasMessageContaining("forbidden");
    }
  }

  @Test
  void reportsGoWithThePolicyAndWithItsSelection() {
    var leaves = fixture.namespace("leaves");
    var stays = fixture.namespace("stays");
    for (var namespace : Set.of(leaves, stays)) {
      new Workloads(fixture, namespace).pod("bare", Workloads.UNLIMITED);
    }
    policy("workloads: {requireLimits: [memory]}");
    eventually(
        () -> {
          assertThat(results(leaves)).hasSize(1);
          assertThat(results(stays)).hasSize(1);
        });
    fixture.relabel(leaves, "none");
    within(PATIENCE, () -> assertThat(reports(leaves)).isEmpty());
    assertThat(reports(stays)).hasSize(1);
    fixture.delete("p");
    within(PATIENCE, () -> assertThat(reports(stays)).as("garbage collected").isEmpty());
  }
}
