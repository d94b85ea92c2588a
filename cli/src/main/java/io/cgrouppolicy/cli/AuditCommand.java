package io.cgrouppolicy.cli;

import static java.util.stream.Collectors.toSet;

import io.cgrouppolicy.cli.audit.Reduced;
import io.cgrouppolicy.cli.cluster.ClusterReader;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.report.Area;
import io.cgrouppolicy.report.Inventory;
import io.cgrouppolicy.report.Report;
import io.cgrouppolicy.report.Unseen;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `kubectl cgp audit`.
@Command(
    name = "audit",
    description = {
      "Says what the operator would say of this cluster: which pods lack limits and which pods they endanger,"
          + " what a LimitRange and a ResourceQuota would reject, how the kubelets are configured, and where"
          + " there is pressure. It only reads, with your own rights.",
      "",
      "Without --filename and --preset, it uses the CgroupPolicies of the cluster, or else the preset baseline."
    },
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  no findings",
      "  1  findings of the severity of --fail-on, or a higher one",
      "  2  it could not look, or not at everything",
      "",
      "Examples:",
      "  kubectl cgp audit                             the whole cluster",
      "  kubectl cgp audit -n shop                     a namespace, with the rights of its owner",
      "  kubectl cgp audit --preset strict -o wide     all findings, for the strict preset",
      "  kubectl cgp audit -f policy.yaml -o junit --fail-on high     in a pipeline"
    })
final class AuditCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;
  @Mixin private OutputOptions output;

  @ArgGroup private PolicySource source = new PolicySource();

  @Option(
      names = {"-n", "--namespace"},
      description = "Looks only at this namespace.")
  private String namespace;

  @Override
  public Integer call() {
    try (var client = cluster.client();
        var progress = new TerminalProgress()) {
      var policies = source.named(client).orElseGet(() -> Policies.ofCluster(client).orBaseline());
      var reader = new ClusterReader(client, namespace, policies.compiled(), progress);
      var snapshot = reader.read();
      var unseen = reader.unseen();
      var areas = unseen.stream().map(Unseen::area).collect(toSet());
      policies.policies().forEach(policy -> Reduced.by(areas, policy));
      var pods =
          unseen.stream()
              .filter(lack -> lack.area() == Area.PODS)
              .map(lack -> new Trouble(lack.reason(), lack.why()))
              .findFirst()
              .orElse(null);
      var reports = policies.reports(snapshot, pods);
      var inventory = output.listsInventory() ? policies.inventory(snapshot, pods) : Inventory.NONE;
      progress.close();
      var report =
          new Report(
              "Cluster " + client.getConfiguration().getMasterUrl(),
              List.of(),
              reports,
              unseen,
              Map.of(),
              inventory);
      output.write(report, spec.commandLine().getOut());
      return exitCode(report);
    }
  }

  private int exitCode(Report report) {
    if (output.fails(report)) {
      return KubectlCgp.FOUND;
    }
    return report.unseen().stream().allMatch(Unseen::asked) ? KubectlCgp.OK : KubectlCgp.FAILED;
  }
}
