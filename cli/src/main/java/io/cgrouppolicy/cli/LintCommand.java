package io.cgrouppolicy.cli;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.cli.Policies.Preset;
import io.cgrouppolicy.cli.audit.Reduced;
import io.cgrouppolicy.cli.manifest.ManifestFile;
import io.cgrouppolicy.cli.manifest.ManifestFile.Found;
import io.cgrouppolicy.cli.manifest.ManifestFile.UnreadableException;
import io.cgrouppolicy.cli.manifest.Manifests;
import io.cgrouppolicy.core.kubelet.lint.KubeletLinter;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.report.Inventory;
import io.cgrouppolicy.report.PolicyReport;
import io.cgrouppolicy.report.Report;
import io.cgrouppolicy.report.Report.PolicyProblem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `kubectl cgp lint`.
@Command(
    name = "lint",
    description = {
      "Says of manifests, before they reach a cluster, which pods a policy would reject or give defaults, and which"
          + " lack limits. Also checks CgroupPolicies among them. Needs no cluster.",
      "",
      "It assumes that the policy selects the namespaces of the manifests, except system namespaces and those that it"
          + " excludes by name."
    },
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  no findings",
      "  1  problems of a policy, or findings of the severity of --fail-on or a higher one",
      "  2  a file cannot be read",
      "",
      "Examples:",
      "  kubectl cgp lint deploy/",
      "  helm template my-chart | kubectl cgp lint -",
      "  kubectl kustomize overlays/prod | kubectl cgp lint - --policy policy.yaml -o junit"
    })
final class LintCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OutputOptions output;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Files, directories, or - for stdin.")
  private List<String> files;

  @ArgGroup private Source source = new Source();

  private static final class Source {
    @Option(
        names = "--policy",
        paramLabel = "FILE",
        description = "A file with CgroupPolicies. May be repeated.")
    private List<String> policies;

    @Option(
        names = "--preset",
        defaultValue = "baseline",
        description =
            "A policy that comes with this command: ${COMPLETION-CANDIDATES}."
                + " Default: ${DEFAULT-VALUE}.")
    private Preset preset = Preset.baseline;
  }

  @Option(
      names = {"-n", "--namespace"},
      defaultValue = "default",
      description = "The namespace of manifests that name none. Default: ${DEFAULT-VALUE}.")
  private String namespace;

  @Override
  public Integer call() {
    var manifests = new ArrayList<Found>();
    for (var file : files) {
      try {
        manifests.addAll(ManifestFile.read(file, System.in));
      } catch (UnreadableException e) {
        throw new FailureException(e.getMessage());
      }
    }
    if (manifests.isEmpty()) {
      throw new FailureException("no Kubernetes object found in " + String.join(", ", files));
    }
    var evaluated = evaluated(manifests);
    var report =
        new Report(
            manifests.size() == 1 ? "1 manifest" : manifests.size() + " manifests",
            manifests.stream().flatMap(LintCommand::problems).toList(),
            evaluated.reports(),
            List.of(),
            files(manifests),
            evaluated.inventory());
    output.write(report, spec.commandLine().getOut());
    return output.fails(report) ? KubectlCgp.FOUND : KubectlCgp.OK;
  }

  /// What is wrong with a policy among the manifests.
  private static Stream<PolicyProblem> problems(Found manifest) {
    if (!(manifest.object() instanceof CgroupPolicy policy)) {
      return Stream.of();
    }
    var compiled = CompiledPolicy.of(policy);
    var problems = new ArrayList<>(compiled.problems());
    if (compiled.valid() && compiled.spec().nodes() != null) {
      problems.addAll(KubeletLinter.lint(compiled.spec().nodes().kubelet(), List.of()));
    }
    return problems.stream()
        .map(
            problem ->
                new PolicyProblem(
                    manifest.file(), policy.getMetadata().getName(), problem.toString()));
  }

  private Map<String, String> files(List<Found> manifests) {
    var files = new HashMap<String, String>();
    for (var manifest : manifests) {
      var object = manifest.object();
      files.put(
          Report.key(
              object.getKind(),
              Manifests.namespace(object, namespace),
              object.getMetadata().getName()),
          manifest.file());
    }
    return files;
  }

  private record Evaluated(List<PolicyReport> reports, Inventory inventory) {}

  private Evaluated evaluated(List<Found> manifests) {
    var snapshot = Manifests.snapshot(manifests.stream().map(Found::object).toList(), namespace);
    if (snapshot.namespaces().isEmpty()) {
      return new Evaluated(List.of(), Inventory.NONE); // only policies
    }
    var policies =
        source.policies == null
            ? Policies.of(source.preset)
            : Policies.of(source.policies, System.in);
    policies.policies().forEach(Reduced::toWorkloads);
    return new Evaluated(
        policies.reports(snapshot, null).stream().map(PolicyReport::onlyOfPods).toList(),
        output.listsInventory() ? policies.inventory(snapshot, null) : Inventory.NONE);
  }
}
