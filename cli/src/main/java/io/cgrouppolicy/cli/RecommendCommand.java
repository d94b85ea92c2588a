package io.cgrouppolicy.cli;

import io.cgrouppolicy.cli.Policies.Preset;
import io.cgrouppolicy.cli.audit.Reduced;
import io.cgrouppolicy.cli.audit.Snapshot;
import io.cgrouppolicy.cli.audit.Snapshot.NamespaceSnapshot;
import io.cgrouppolicy.cli.cluster.ClusterReader;
import io.cgrouppolicy.cli.cluster.CurrentUsage;
import io.cgrouppolicy.cli.cluster.Progress;
import io.cgrouppolicy.cli.recommend.Choices;
import io.cgrouppolicy.cli.recommend.PolicyText;
import io.cgrouppolicy.cli.recommend.Recommendation;
import io.cgrouppolicy.cli.recommend.Recommender;
import io.cgrouppolicy.cli.recommend.Usage;
import io.cgrouppolicy.core.policy.PolicyValidator;
import io.cgrouppolicy.report.Area;
import io.cgrouppolicy.report.Unseen;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `kubectl cgp recommend`.
@Command(
    name = "recommend",
    description = {
      "Prints a CgroupPolicy whose LimitRange and ResourceQuota would reject nothing that runs today, with the reason"
          + " for each figure. It only reads, with your own rights.",
      "",
      "The figures come from what pods declare and, for containers without limits, from what they use: the peaks that"
          + " Prometheus knows, or one sample of metrics.k8s.io."
    },
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  printed; the policy would reject nothing that runs",
      "  1  printed, but the policy would reject something, or leaves out namespaces where it would: see its comments",
      "  2  it could not look",
      "",
      "Examples:",
      "  kubectl cgp recommend > policy.yaml           all namespaces but those of the system",
      "  kubectl cgp recommend -n shop                 a policy for a namespace",
      "  kubectl port-forward -n monitoring svc/prometheus 9090 &",
      "  kubectl cgp recommend --prometheus http://127.0.0.1:9090 --window 14d"
    })
final class RecommendCommand implements Callable<Integer> {
  private static final int MAX_HEADROOM = 1000;
  private static final int MAX_NAME = 253;

  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;
  @Mixin private PrometheusOptions prometheus;

  @Option(
      names = {"-n", "--namespace"},
      description = "A namespace that the policy selects. May be repeated.")
  private List<String> namespaces = List.of();

  @Option(
      names = "--exclude",
      paramLabel = "NAMESPACE",
      description = "A namespace, or a glob of them, that the policy excludes. May be repeated.")
  private List<String> exclude = List.of();

  @Option(
      names = "--headroom",
      paramLabel = "PERCENT",
      defaultValue = "30",
      description = "What to add to peaks and sums. Default: ${DEFAULT-VALUE}.")
  private int headroom;

  @Option(
      names = "--percentile",
      paramLabel = "PERCENT",
      defaultValue = "95",
      description =
          "Requests are enough for this part of the samples of Prometheus; without metrics, the default"
              + " limit for this part of the declared limits. Default: ${DEFAULT-VALUE}.")
  private int percentile;

  @Option(
      names = "--name",
      description = "The name of the policy. Default: recommended, with the namespace of -n.")
  private String name;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @Override
  public Integer call() {
    var choices = choices();
    prometheus.check(spec);
    try (var client = cluster.client();
        var progress = new TerminalProgress()) {
      var unseen = new ArrayList<Unseen>();
      var snapshot = read(client, unseen, progress);
      requirePods(snapshot, choices, unseen);
      var usage = usage(client, progress);
      var found = Recommender.of(snapshot, usage, choices, Policies.SYSTEM_NAMESPACES);
      progress.close();
      var out = spec.commandLine().getOut();
      out.print(
          PolicyText.of(
              found,
              unseen.stream().map(lack -> lack.area().title() + ": " + lack.why()).toList()));
      out.flush();
      return exitCode(found);
    }
  }

  private Choices choices() {
    require(headroom >= 0 && headroom <= MAX_HEADROOM, "--headroom must be from 0 to 1000");
    require(percentile >= 1 && percentile <= 100, "--percentile must be from 1 to 100");
    for (var glob : exclude) {
      require(
          glob.matches(PolicyValidator.NAMESPACE_GLOB),
          "--exclude " + glob + " is no name or glob of a namespace");
    }
    require(namespaces.isEmpty() || exclude.isEmpty(), "--exclude cannot be used together with -n");
    for (var namespace : namespaces) {
      require(
          !Policies.SYSTEM_NAMESPACES.contains(namespace),
          namespace + " is a system namespace, which policies leave alone");
    }
    var named =
        name != null
            ? name
            : "recommended" + (namespaces.size() == 1 ? "-" + namespaces.getFirst() : "");
    require(
        named.matches("[a-z0-9]([-a-z0-9.]*[a-z0-9])?") && named.length() <= MAX_NAME,
        "--name " + named + " is no name of an object");
    return new Choices(
        named, headroom, percentile, namespaces.stream().distinct().toList(), exclude);
  }

  private void require(boolean valid, String message) {
    if (!valid) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  private Snapshot read(KubernetesClient client, List<Unseen> unseen, Progress progress) {
    var ofPods = Policies.of(Preset.baseline);
    ofPods.policies().forEach(Reduced::toWorkloads);
    if (namespaces.isEmpty()) {
      return read(new ClusterReader(client, null, ofPods.compiled(), progress), unseen);
    }
    var read =
        namespaces.stream()
            .distinct()
            .map(
                namespace ->
                    read(new ClusterReader(client, namespace, ofPods.compiled(), progress), unseen))
            .toList();
    return Snapshot.join(read);
  }

  private static Snapshot read(ClusterReader reader, List<Unseen> unseen) {
    var snapshot = reader.read();
    reader.unseen().stream().filter(lack -> !unseen.contains(lack)).forEach(unseen::add);
    return snapshot;
  }

  /// Without pods there is nothing to derive figures from.
  private static void requirePods(Snapshot snapshot, Choices choices, List<Unseen> unseen) {
    unseen.stream()
        .filter(lack -> lack.area() == Area.PODS)
        .findFirst()
        .ifPresent(
            lack -> {
              throw new FailureException("cannot recommend anything without pods: " + lack.why());
            });
    boolean any =
        Recommender.selected(snapshot, choices, Policies.SYSTEM_NAMESPACES).stream()
            .map(NamespaceSnapshot::pods)
            .anyMatch(pods -> !pods.isEmpty());
    if (!any) {
      throw new FailureException(
          choices.namespaces().isEmpty()
              ? "no pod runs outside system namespaces, so there is nothing to derive figures from"
              : "no pod runs in %s, so there is nothing to derive figures from"
                  .formatted(String.join(", ", choices.namespaces())));
    }
  }

  private Usage usage(KubernetesClient client, Progress progress) {
    return prometheus.isGiven()
        ? prometheus.usage(percentile, namespaces, progress)
        : CurrentUsage.read(client, namespaces, progress);
  }

  private int exitCode(Recommendation found) {
    if (found.whole()) {
      return KubectlCgp.OK;
    }
    var err = spec.commandLine().getErr();
    found
        .leftOut()
        .keySet()
        .forEach(
            namespace ->
                err.println(
                    "warning: the policy leaves out namespace %s, where it would reject something: see its comments"
                        .formatted(namespace)));
    found
        .rejected()
        .keySet()
        .forEach(
            namespace ->
                err.println(
                    "warning: the policy would reject pods that run in namespace %s: see its comments"
                        .formatted(namespace)));
    err.flush();
    return KubectlCgp.FOUND;
  }
}
