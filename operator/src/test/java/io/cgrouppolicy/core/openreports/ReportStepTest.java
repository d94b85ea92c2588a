package io.cgrouppolicy.core.openreports;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReportStepTest {
  private static final String METADATA =
      """
      {"name": "cgroup-policy-p", "namespace": "a", "uid": "u",
       "labels": {"app.kubernetes.io/managed-by": "cgroup-policy-operator"},
       "annotations": {"cgroup-policy.io/report-hash": "h"},
       "ownerReferences": [{"uid": "uid"}],
       "managedFields": [
         {"manager": "cgroup-policy-operator", "operation": "Apply",
          "fieldsV1": {"f:metadata": {}, "f:results": {}, "f:source": {}}},
         {"manager": "kubectl-label", "fieldsV1": {"f:metadata": {"f:labels": {}}}}]}
      """;

  private static SortedMap<ReportKey, ReportDraft> desired(String... namespaces) {
    var violations =
        Stream.of(namespaces)
            .map(n -> new Violation("BestEffortPod", "Medium", "Pod", n, "p", "e", "a", "m"))
            .toList();
    return ReportDraft.of("p", "uid", violations);
  }

  private static Map<ReportKey, StoredReport> written(String... namespaces) {
    var stored = new HashMap<ReportKey, StoredReport>();
    desired(namespaces)
        .forEach((key, draft) -> stored.put(key, new StoredReport("u", draft.hash(), true)));
    return stored;
  }

  private static List<String> steps(
      SortedMap<ReportKey, ReportDraft> desired,
      Map<ReportKey, StoredReport> stored,
      String... held) {
    return ReportStep.plan(desired, stored, namespace -> List.of(held).contains(namespace)).stream()
        .map(
            step ->
                (step.draft() == null ? "delete " : step.stored() == null ? "create " : "replace ")
                    + step.key().namespace())
        .toList();
  }

  @Test
  void whatIsStoredIsNotWritten() {
    assertThat(steps(desired("a", "b"), written("a", "b"))).isEmpty();
  }

  @Test
  void whatIsMissingIsCreatedAndWhatHasNoViolationsIsDeleted() {
    assertThat(steps(desired("a", "c"), written("a", "b"))).containsExactly("delete b", "create c");
  }

  @Test
  void anotherHashIsReplaced() {
    var stored = written("a");
    stored.replaceAll((key, report) -> new StoredReport("u", null, true));
    assertThat(steps(desired("a"), stored)).containsExactly("replace a");
  }

  @Test
  void aReportOfADeletedPolicyOfTheSameNameIsReplaced() {
    var stored = written("a");
    stored.replaceAll((key, report) -> new StoredReport("u", report.hash(), false));
    assertThat(steps(desired("a"), stored)).containsExactly("replace a");
  }

  @Test
  void whatIsNotEvaluatedStays() {
    assertThat(steps(desired("a"), written("b"), "a", "b")).isEmpty();
  }

  private static StoredReport stored(JsonNode metadata) {
    return StoredReport.of(metadata, "uid");
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text);
  }

  @Test
  void theHashOfAnUnchangedReportCounts() throws Exception {
    assertThat(stored(json(METADATA))).isEqualTo(new StoredReport("u", "h", true));
    assertThat(StoredReport.key(json(METADATA))).isEqualTo(ReportKey.of("a", "p", 1));
  }

  @Test
  void aChangeOfTheResultsIsSeenAlthoughTheHashIsTheSame() throws Exception {
    var edited = METADATA.replace("{\"f:metadata\": {\"f:labels\": {}}}", "{\"f:results\": {}}");
    assertThat(edited).isNotEqualTo(METADATA);
    assertThat(stored(json(edited)).hash()).isNull();
  }

  @Test
  void aReportOfAnotherPolicyOrWithoutHashIsSeen() throws Exception {
    assertThat(StoredReport.of(json(METADATA), "another").owned()).isFalse();
    assertThat(stored(json("{\"name\": \"n\", \"uid\": \"u\"}")))
        .isEqualTo(new StoredReport("u", null, false));
  }

  @Test
  void aReportIsOursByItsLabelOrItsManager() throws Exception {
    assertThat(StoredReport.isOurs(json(METADATA))).isTrue();
    assertThat(StoredReport.isOurs(json(METADATA.replace("\"labels\"", "\"no\"")))).isTrue();
    assertThat(StoredReport.isOurs(json("{\"name\": \"cgroup-policy-p\"}"))).isFalse();
  }
}
