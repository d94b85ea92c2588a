package io.cgrouppolicy.cli;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import picocli.CommandLine.Option;

/// How to reach the cluster: as kubectl.
final class ClusterOptions {
  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Default: KUBECONFIG, or ~/.kube/config.")
  private File kubeconfig;

  @Option(names = "--context", description = "The context of the kubeconfig.")
  private String context;

  @Option(names = "--as", paramLabel = "USER", description = "The user to impersonate.")
  private String user;

  KubernetesClient client() {
    return new KubernetesClientBuilder().withConfig(config()).build();
  }

  private Config config() {
    if (kubeconfig != null && !kubeconfig.canRead()) {
      throw new FailureException("cannot read " + kubeconfig);
    }
    var config =
        kubeconfig == null
            ? Config.autoConfigure(context)
            : Config.fromKubeconfig(context, kubeconfig);
    if (context != null
        && (config.getCurrentContext() == null
            || !config.getCurrentContext().getName().equals(context))) {
      throw new FailureException("the kubeconfig has no context " + context);
    }
    // A command that waits for a cluster that does not answer looks broken.
    return new ConfigBuilder(config)
        .withRequestRetryBackoffLimit(1)
        .withConnectionTimeout(5_000)
        .withImpersonateUsername(user)
        .withUserAgent("kubectl-cgp")
        .withHttp2Disable(true) // which would take a fifth of the time of a short run
        .build();
  }
}
