package io.cgrouppolicy.cli;

import io.cgrouppolicy.cli.Policies.Preset;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Policies that the user names instead of those of the cluster.
final class PolicySource {
  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE",
      description = "A file with CgroupPolicies, or - for stdin. May be repeated.")
  private List<String> files;

  @Option(
      names = "--preset",
      description = "A policy that comes with this command: ${COMPLETION-CANDIDATES}.")
  private Preset preset;

  /// The policies that the user names; empty if none.
  Optional<Policies> named(KubernetesClient client) {
    if (files != null) {
      return Optional.of(Policies.of(files, System.in).inCluster(client));
    }
    return Optional.ofNullable(preset).map(named -> Policies.of(named).inCluster(client));
  }
}
