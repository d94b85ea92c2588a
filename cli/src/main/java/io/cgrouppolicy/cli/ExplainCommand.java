package io.cgrouppolicy.cli;

import io.cgrouppolicy.cli.audit.Reduced;
import io.cgrouppolicy.cli.cluster.ClusterReader;
import io.cgrouppolicy.cli.cluster.Subjects;
import io.cgrouppolicy.cli.cluster.Subjects.Kind;
import io.cgrouppolicy.cli.explain.Candidate;
import io.cgrouppolicy.cli.explain.Explainer;
import io.cgrouppolicy.cli.explain.Explanation;
import io.cgrouppolicy.cli.manifest.PodTemplate;
import io.cgrouppolicy.cli.output.ExplanationFormat;
import io.cgrouppolicy.core.admission.Admission;
import io.cgrouppolicy.core.pods.Controllers;
import io.cgrouppolicy.core.pods.PodFacts;
import io.cgrouppolicy.core.pods.PodReader;
import io.cgrouppolicy.report.Area;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `kubectl cgp explain`.
@Command(
    name = "explain",
    description = {
      "Explains one pod, or the pods of one workload: which policy governs the namespace and why, which defaults the"
          + " API server adds, what the quotas count, why it rejects the pod, and the smallest change that lets it in.",
      "",
      "Without --filename and --preset, it uses the CgroupPolicies of the cluster, if you may read them."
    },
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  it is admitted, and no policy finds fault with it",
      "  1  it is rejected, would be with the objects of a policy, or violates a policy",
      "  2  it could not look",
      "",
      "Examples:",
      "  kubectl cgp explain deployment/web -n shop",
      "  kubectl cgp explain pod/web-0 -n shop -f policy.yaml     before the policy is applied"
    })
final class ExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;
  @ArgGroup private PolicySource source = new PolicySource();

  @Parameters(
      paramLabel = "KIND/NAME",
      description = "Such as deployment/web, sts/db or pod/web-0.")
  private String subject;

  @Option(
      names = {"-n", "--namespace"},
      description = "Default: the namespace of the kubeconfig's context.")
  private String namespace;

  @Option(
      names = {"-o", "--output"},
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private ExplanationFormat format;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @Override
  public Integer call() {
    var parts = subject.split("/", -1);
    if (parts.length != 2 || parts[1].isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "'" + subject + "' is not KIND/NAME, such as deployment/web");
    }
    var kind =
        Kind.of(parts[0])
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(), "kind " + parts[0] + " is not one of " + Kind.list()));
    try (var client = cluster.client();
        var progress = new TerminalProgress()) {
      var explanation = explain(client, kind, parts[1], progress);
      progress.close();
      var out = spec.commandLine().getOut();
      format.write(explanation, out, Ansi.AUTO);
      out.flush();
      return explanation.finds() ? KubectlCgp.FOUND : KubectlCgp.OK;
    }
  }

  private Explanation explain(
      KubernetesClient client, Kind kind, String name, TerminalProgress progress) {
    var in = namespace == null ? client.getNamespace() : namespace;
    var subjects = new Subjects(client, in);
    var object =
        subjects
            .find(kind, name)
            .orElseThrow(
                () ->
                    new FailureException(
                        "%s %s not found in namespace %s".formatted(kind.title(), name, in)));
    var policies = source.named(client).orElseGet(() -> Policies.ofCluster(client));
    policies.policies().forEach(policy -> Reduced.by(Set.of(Area.NODES), policy));
    var snapshot = new ClusterReader(client, in, policies.compiled(), progress).read();
    return Explainer.explain(
        policies.book(),
        policies.policies().isEmpty() ? policies.origin() : null,
        snapshot.namespaces().getFirst(),
        subjects.quotas(),
        candidate(kind, object, subjects.pods(object)));
  }

  private static Candidate candidate(Kind kind, HasMetadata object, List<PodFacts> pods) {
    var name = object.getMetadata().getName();
    var namespace = object.getMetadata().getNamespace();
    var subject = kind.title() + "/" + name;
    if (object instanceof Pod pod) {
      pod.setStatus(null); // also of a pod that has ended
      var shape = new PodReader().read(pod).orElseThrow().shape();
      return new Candidate(
          subject, kind.title(), name, namespace, Admission.asWritten(shape), 1, shape);
    }
    var template =
        PodTemplate.of(object)
            .orElseThrow(() -> new FailureException(subject + " has no pod template"));
    boolean surges = template.surge() != null && !template.surge().equals(Controllers.NO_SURGE);
    boolean adds = surges || kind == Kind.JOB || kind == Kind.CRONJOB;
    return new Candidate(
        subject,
        kind.title(),
        name,
        namespace,
        PodReader.shape(template.spec()),
        pods.size(),
        adds || pods.isEmpty() ? null : pods.getFirst().shape());
  }
}
