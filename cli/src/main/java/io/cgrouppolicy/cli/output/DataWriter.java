package io.cgrouppolicy.cli.output;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.report.Report;
import io.cgrouppolicy.report.Report.PolicyProblem;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.PrintWriter;
import java.util.List;

/// Writes a report for programs. The status of each policy is that of the CRD.
final class DataWriter {
  private DataWriter() {}

  private record Document(
      String subject, List<PolicyProblem> problems, List<Policy> policies, List<Lack> notLookedAt) {
    static Document of(Report report) {
      return new Document(
          report.subject(),
          report.problems(),
          report.policies().stream()
              .map(p -> new Policy(p.policy(), p.origin(), p.mode(), p.status()))
              .toList(),
          report.unseen().stream()
              .map(lack -> new Lack(lack.area().title(), lack.reason(), lack.why()))
              .toList());
    }
  }

  private record Policy(String name, String origin, String mode, CgroupPolicyStatus status) {}

  private record Lack(String what, String reason, String message) {}

  static void json(Report report, PrintWriter out) {
    out.println(new KubernetesSerialization().asJson(Document.of(report)));
  }

  static void yaml(Report report, PrintWriter out) {
    out.print(new KubernetesSerialization().asYaml(Document.of(report)));
  }
}
