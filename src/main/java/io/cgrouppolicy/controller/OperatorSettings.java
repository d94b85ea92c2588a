package io.cgrouppolicy.controller;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/// The operator's own settings; each is an environment variable too (`CGROUP_POLICY_NAMESPACE`).
@ConfigMapping(prefix = "cgroup-policy")
public interface OperatorSettings {
  /// The operator's own namespace, where its lease is; from the downward API in a cluster.
  @WithDefault("cgroup-policy-system")
  String namespace();

  /// Globs of the namespaces that policies leave out unless they say includeSystem.
  @WithDefault("kube-system,kube-public,kube-node-lease,openshift,openshift-*")
  List<String> systemNamespaces();

  LeaderElection leaderElection();

  /// Which of several replicas works.
  interface LeaderElection {
    @WithDefault("true")
    boolean enabled();

    /// How long a leader that died is waited for.
    @WithDefault("60S")
    Duration leaseDuration();

    /// How long the leader may fail to renew. Longer than a restart of the API server takes, since
    /// a leader that loses its lease ends its process.
    @WithDefault("50S")
    Duration renewDeadline();

    @WithDefault("5S")
    Duration retryPeriod();
  }
}
