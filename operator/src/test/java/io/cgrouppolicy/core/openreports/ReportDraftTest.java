package io.cgrouppolicy.core.openreports;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.openreports.Report.Result;
import io.cgrouppolicy.core.openreports.Report.Summary;
import io.cgrouppolicy.core.openreports.Report.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReportDraftTest {
  private static final ReportKey A = new ReportKey("a", "cgroup-policy-p");
  private static final ReportKey NODES = new ReportKey(null, "cgroup-policy-p");

  private static Violation violation(
      Check check, String kind, String namespace, String name, String message) {
    return new Violation(
        check.name(), check.severity().name(), kind, namespace, name, "e", "a", message);
  }

  private static Violation workload(String namespace, String name) {
    return violation(Check.MemoryLimitMissing, "Deployment", namespace, name, "m");
  }

  private static List<Violation> workloads(String namespace, int n) {
    return IntStream.range(0, n).mapToObj(i -> workload(namespace, "d%05d".formatted(i))).toList();
  }

  private static SortedMap<ReportKey, ReportDraft> drafts(List<Violation> violations) {
    return ReportDraft.of("p", "uid", violations);
  }

  private static Report report(List<Violation> violations, ReportKey key) {
    return drafts(violations).get(key).report(Map.of(), 7);
  }

  @Test
  void withoutViolationsThereIsNoReport() {
    assertThat(drafts(List.of())).isEmpty();
  }

  @Test
  void eachNamespaceAndAllNodesHaveTheirOwn() {
    var drafts =
        drafts(
            List.of(
                violation(Check.LimitRangeMissing, "Namespace", null, "a", "m"),
                violation(Check.PressureCpu, "Node", null, "n1", "m"),
                workload("a", "web"),
                workload("b", "web")));
    assertThat(drafts.keySet()).containsExactly(NODES, A, new ReportKey("b", "cgroup-policy-p"));
    assertThat(drafts.get(A).results())
        .extracting(Result::rule)
        .containsExactly("LimitRangeMissing", "MemoryLimitMissing");
  }

  @Test
  void theObjectNamesPolicyAndOwner() throws Exception {
    var report = report(List.of(workload("a", "web")), A);
    var json = new ObjectMapper().readTree(ReportDraft.json(report));
    assertThat(json.path("apiVersion").asText()).isEqualTo("openreports.io/v1alpha1");
    assertThat(json.path("kind").asText()).isEqualTo("Report");
    assertThat(json.path("source").asText()).isEqualTo("cgroup-policy");
    assertThat(json.at("/metadata/labels"))
        .hasToString(
            "{\"app.kubernetes.io/managed-by\":\"cgroup-policy-operator\","
                + "\"cgroup-policy.io/policy\":\"p\"}");
    assertThat(json.at("/metadata/ownerReferences"))
        .hasToString(
            "[{\"apiVersion\":\"cgroup-policy.io/v1alpha1\",\"kind\":\"CgroupPolicy\","
                + "\"name\":\"p\",\"uid\":\"uid\"}]");
    assertThat(json.path("summary"))
        .hasToString("{\"pass\":0,\"fail\":1,\"warn\":0,\"error\":0,\"skip\":0}");
    var result = json.at("/results/0");
    assertThat(result.path("policy").asText()).isEqualTo("p");
    assertThat(result.path("severity").asText()).isEqualTo("high");
    assertThat(result.path("category").asText()).isEqualTo("Workloads");
    assertThat(result.path("timestamp")).hasToString("{\"seconds\":7,\"nanos\":0}");
    assertThat(result.path("resources"))
        .hasToString(
            "[{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"namespace\":\"a\","
                + "\"name\":\"web\"}]");
    assertThat(result.at("/properties/expected").asText()).isEqualTo("e");
  }

  @Test
  void whatIsUnknownIsAnErrorAndNoFailure() {
    var report =
        report(
            List.of(
                violation(Check.KubeletSystemReserved, "Node", null, "n1", "m"),
                violation(Check.KubeletUnreachable, "Node", null, "n2", "m")),
            NODES);
    assertThat(report.kind()).isEqualTo("ClusterReport");
    assertThat(report.results()).extracting(Result::result).containsExactly("fail", "error");
    assertThat(report.summary()).isEqualTo(new Summary(0, 1, 0, 1, 0));
  }

  @Test
  void anUnknownKindHasNoVersionAndMissingValuesNoProperty() throws Exception {
    var violation =
        new Violation("WouldReject", "Critical", "Rollout", "a", "web", null, null, "m");
    var json = new ObjectMapper().readTree(ReportDraft.json(report(List.of(violation), A)));
    assertThat(json.at("/results/0/resources/0").has("apiVersion")).isFalse();
    assertThat(json.at("/results/0/properties").properties()).hasSize(1);
  }

  @Test
  void manyResultsAreInFurtherObjectsWhichListAll() {
    var violations = new ArrayList<>(workloads("a", 2500));
    violations.addAll(workloads("b", 1));
    var drafts = drafts(violations);
    assertThat(drafts.keySet())
        .containsExactlyInAnyOrder(
            A,
            new ReportKey("a", "cgroup-policy.2-p"),
            new ReportKey("a", "cgroup-policy.3-p"),
            new ReportKey("b", "cgroup-policy-p"));
    assertThat(drafts.values())
        .extracting(draft -> draft.results().size())
        .containsExactlyInAnyOrder(1000, 1000, 500, 1);
    assertThat(names(drafts)).hasSize(2501);
  }

  private static Set<String> names(SortedMap<ReportKey, ReportDraft> drafts) {
    return drafts.values().stream()
        .flatMap(
            draft ->
                draft.results().stream()
                    .map(result -> draft.key().namespace() + result.resources().getFirst().name()))
        .collect(Collectors.toSet());
  }

  @Test
  void longTextsMakeSmallerObjects() {
    var violations =
        IntStream.range(0, 900)
            .mapToObj(i -> violation(Check.CpuLimitMissing, "Pod", "a", "p" + i, "ü".repeat(1024)))
            .toList();
    var drafts = drafts(violations);
    assertThat(drafts).hasSizeGreaterThan(3);
    assertThat(names(drafts)).hasSize(900);
    assertThat(drafts.values())
        .allSatisfy(
            draft ->
                assertThat(ReportDraft.json(draft.report(Map.of(), 1_800_000_000)).length)
                    .isLessThan(540_000));
  }

  @Test
  void namesOfDifferentPoliciesNeverMeet() {
    var keys =
        Stream.of("a", "a-2", "2-a", "a.2", "2", "2-2-a", "cgroup-policy-a")
            .flatMap(policy -> IntStream.of(1, 2, 22).mapToObj(n -> ReportKey.of("x", policy, n)))
            .toList();
    assertThat(keys).doesNotHaveDuplicates();
    assertThat(keys)
        .allSatisfy(
            key -> assertThat(key.name()).matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9-]+)*"));
  }

  @Test
  void theHashDependsOnResultsAndOwnerAlone() {
    var same = drafts(workloads("a", 3)).get(A).hash();
    assertThat(drafts(workloads("a", 3)).get(A).hash()).isEqualTo(same);
    assertThat(drafts(workloads("a", 2)).get(A).hash()).isNotEqualTo(same);
    assertThat(ReportDraft.of("p", "other", workloads("a", 3)).get(A).hash()).isNotEqualTo(same);
    assertThat(report(workloads("a", 3), A).metadata().annotations())
        .containsEntry("cgroup-policy.io/report-hash", same);
  }

  @Test
  void anIdStaysWhenFiguresChangeAndIsOfOneObject() {
    var first = id(violation(Check.PressureCpu, "Node", null, "n1", "21%"));
    assertThat(id(violation(Check.PressureCpu, "Node", null, "n1", "22%"))).isEqualTo(first);
    assertThat(id(violation(Check.PressureIo, "Node", null, "n1", "21%"))).isNotEqualTo(first);
    assertThat(id(workload("a", "web"))).isNotEqualTo(id(workload("b", "web")));
    var twice = drafts(List.of(workload("a", "web"), workload("a", "web"))).get(A).results();
    assertThat(twice.get(0).id()).isNotEqualTo(twice.get(1).id());
  }

  private static String id(Violation violation) {
    return drafts(List.of(violation)).values().iterator().next().results().getFirst().id();
  }

  @Test
  void aResultKeepsItsTimeWhenTheReportIsReplaced() throws Exception {
    var before = report(workloads("a", 2), A);
    var since = StoredReport.since(new ObjectMapper().readTree(ReportDraft.json(before)));
    var after = drafts(workloads("a", 3)).get(A).report(since, 99);
    assertThat(after.results())
        .extracting(Result::timestamp)
        .containsExactly(new Timestamp(7, 0), new Timestamp(7, 0), new Timestamp(99, 0));
  }
}
