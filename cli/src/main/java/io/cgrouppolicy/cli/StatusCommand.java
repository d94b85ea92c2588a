package io.cgrouppolicy.cli;

import static java.util.stream.Collectors.toMap;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.cli.audit.Stored;
import io.cgrouppolicy.cli.cluster.ClusterReader;
import io.cgrouppolicy.cli.cluster.StoredReports;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.report.Inventory;
import io.cgrouppolicy.report.PolicyReport;
import io.cgrouppolicy.report.Report;
import io.cgrouppolicy.report.Report.PolicyProblem;
import io.cgrouppolicy.report.Unseen;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `kubectl cgp status`.
@Command(
    name = "status",
    description = {
      "Shows what the operator says of its policies: the complete list of violations, of which the status of a policy"
          + " has at most 100.",
      "",
      "Where the status lists only a part of the violations of a check, this command evaluates that check now, with"
          + " your own rights.",
      "",
      "With --namespace, the owner of a namespace who may not read policies sees the Reports of openreports.io there, if"
          + " the operator writes them."
    },
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  no violations",
      "  1  violations of the severity of --fail-on, or a higher one; a policy is not ready",
      "  2  it could not look, or not at everything",
      "",
      "Examples:",
      "  kubectl cgp status                                    all policies",
      "  kubectl cgp status guard -n shop -o wide              one namespace",
      "  kubectl cgp status --check MemoryLimitMissing -o json"
    })
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;
  @Mixin private OutputOptions output;

  @Parameters(arity = "0..*", paramLabel = "POLICY", description = "Default: all policies.")
  private List<String> names = List.of();

  @Option(
      names = {"-n", "--namespace"},
      description = "Shows only violations in this namespace.")
  private String namespace;

  @Option(names = "--check", description = "Shows only this check. May be repeated.")
  private List<Check> checks;

  @Option(names = "--node", description = "Shows only violations of this node.")
  private String node;

  @Override
  public Integer call() {
    try (var client = cluster.client();
        var progress = new TerminalProgress()) {
      var policies = Policies.ofCluster(client);
      if (policies.policies().isEmpty()) {
        return ofReports(client, policies.origin());
      }
      var shown = shown(policies);
      var unseen = new ArrayList<Unseen>();
      var reports = reports(client, policies, shown, unseen, progress);
      progress.close();
      return write(
          client,
          Stream.concat(
                  shown.stream().flatMap(p -> Stored.problems(p).stream()),
                  shown.stream().flatMap(p -> Stored.unknown(Stored.report(p)).stream()))
              .toList(),
          reports,
          unseen);
    }
  }

  private int write(
      KubernetesClient client,
      List<PolicyProblem> problems,
      List<PolicyReport> reports,
      List<Unseen> unseen) {
    var report =
        new Report(
            "Cluster " + client.getConfiguration().getMasterUrl(),
            problems,
            reports.stream().map(found -> found.only(this::isChosen)).toList(),
            unseen,
            Map.of(),
            Inventory.NONE);
    output.write(report, spec.commandLine().getOut());
    if (output.fails(report)) {
      return KubectlCgp.FOUND;
    }
    return unseen.isEmpty() ? KubectlCgp.OK : KubectlCgp.FAILED;
  }

  /// What the owner of a namespace sees, who may not read policies.
  private int ofReports(KubernetesClient client, String why) {
    var reports = namespace == null ? List.<PolicyReport>of() : StoredReports.in(client, namespace);
    if (reports.isEmpty()) {
      throw new FailureException(
          why
              + (namespace == null ? "" : ", and there is no Report in namespace " + namespace)
              + ": for what the operator would say, use kubectl cgp audit");
    }
    return write(
        client,
        reports.stream().flatMap(report -> Stored.unknown(report).stream()).toList(),
        reports.stream().map(Stored::known).toList(),
        List.of());
  }

  private List<CgroupPolicy> shown(Policies policies) {
    var byName =
        policies.policies().stream().collect(toMap(p -> p.getMetadata().getName(), p -> p));
    for (var name : names) {
      if (!byName.containsKey(name)) {
        throw new FailureException("CgroupPolicy " + name + " not found");
      }
    }
    return names.isEmpty() ? policies.policies() : names.stream().map(byName::get).toList();
  }

  private boolean isChosen(Violation violation) {
    return (namespace == null || namespace.equals(namespace(violation)))
        && (checks == null || checks.contains(Check.valueOf(violation.check())))
        && (node == null || violation.kind().equals("Node") && violation.name().equals(node));
  }

  private static String namespace(Violation violation) {
    return violation.kind().equals("Namespace") ? violation.name() : violation.namespace();
  }

  private List<PolicyReport> reports(
      KubernetesClient client,
      Policies policies,
      List<CgroupPolicy> shown,
      List<Unseen> unseen,
      TerminalProgress progress) {
    var reports = shown.stream().map(Stored::report).map(Stored::known).toList();
    if (reports.stream().allMatch(report -> Stored.cut(report).isEmpty())) {
      return reports;
    }
    var reader = new ClusterReader(client, namespace, policies.compiled(), progress);
    var snapshot = reader.read();
    unseen.addAll(reader.unseen());
    var evaluated =
        policies.reports(snapshot, null).stream()
            .collect(toMap(PolicyReport::policy, PolicyReport::status));
    return reports.stream()
        .map(
            report ->
                Stored.cut(report).isEmpty()
                    ? report
                    : Stored.completed(report, evaluated.get(report.policy())))
        .toList();
  }
}
