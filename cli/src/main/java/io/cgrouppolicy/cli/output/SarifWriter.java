package io.cgrouppolicy.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Check.Severity;
import io.cgrouppolicy.core.check.Sha256;
import io.cgrouppolicy.report.Report;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.TreeSet;

/// Writes a report as SARIF 2.1.0, for GitHub's code scanning and others. An object of a cluster
/// has no file: its place is KIND/NAMESPACE/NAME.
final class SarifWriter {
  private static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
  private static final String ABOUT =
      "https://github.com/cgroup-policy/cgroup-policy/blob/main/docs/checks.md";

  /// The rule of a problem of a policy, as the reason of condition Stalled.
  private static final String INVALID = "InvalidSpec";

  private static final ObjectMapper JSON = new ObjectMapper();

  private SarifWriter() {}

  static void write(Report report, PrintWriter out) {
    var log = JSON.createObjectNode().put("$schema", SCHEMA).put("version", "2.1.0");
    var run = log.putArray("runs").addObject();
    var driver = run.putObject("tool").putObject("driver");
    driver.put("name", "kubectl-cgp").put("informationUri", ABOUT);
    rules(report, driver.putArray("rules"));
    var results = run.putArray("results");
    for (var problem : report.problems()) {
      result(results, INVALID, "error", problem.policy() + ": " + problem.text(), problem.file());
    }
    for (var policy : report.policies()) {
      for (var violation : policy.status().violations()) {
        result(report, results, policy.policy(), violation);
      }
    }
    try {
      out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(log));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // cannot happen for texts
    }
  }

  private static void rules(Report report, ArrayNode rules) {
    if (!report.problems().isEmpty()) {
      var rule = rules.addObject().put("id", INVALID);
      rule.putObject("shortDescription").put("text", "The policy is invalid.");
    }
    var checks = new TreeSet<Check>();
    report
        .policies()
        .forEach(policy -> Report.violations(policy).map(Report::check).forEach(checks::add));
    for (var check : checks) {
      var rule = rules.addObject().put("id", check.name());
      rule.putObject("shortDescription").put("text", check.meaning());
      rule.putObject("fullDescription").put("text", check.reason());
      rule.putObject("help").put("text", check.advice());
      rule.put("helpUri", ABOUT);
      rule.putObject("defaultConfiguration").put("level", level(check.severity()));
    }
  }

  private static void result(Report report, ArrayNode results, String policy, Violation violation) {
    var object = Report.key(violation.kind(), violation.namespace(), violation.name());
    var result =
        result(
            results,
            violation.check(),
            level(Report.check(violation).severity()),
            "policy " + policy + ": " + violation.message(),
            report.files().getOrDefault(object, object));
    // Recognizes the finding in the next report, whatever its figures are by then.
    var identity = String.join("|", policy, violation.check(), object);
    result
        .putObject("partialFingerprints")
        .put(
            "object/v1",
            HexFormat.of().formatHex(Sha256.of(identity.getBytes(StandardCharsets.UTF_8))));
  }

  private static ObjectNode result(
      ArrayNode results, String rule, String level, String message, String file) {
    var result = results.addObject().put("ruleId", rule).put("level", level);
    result.putObject("message").put("text", message);
    var place = result.putArray("locations").addObject().putObject("physicalLocation");
    place.putObject("artifactLocation").put("uri", uri(file));
    place.putObject("region").put("startLine", 1);
    return result;
  }

  private static String uri(String path) {
    try {
      return new URI(null, null, path, null).toASCIIString();
    } catch (URISyntaxException e) {
      return "manifest";
    }
  }

  private static String level(Severity severity) {
    return switch (severity) {
      case Critical, High -> "error";
      case Medium -> "warning";
      case Low -> "note";
    };
  }
}
