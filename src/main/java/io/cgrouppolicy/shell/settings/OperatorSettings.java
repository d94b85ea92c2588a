package io.cgrouppolicy.shell.settings;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The operator's own settings; each is an environment variable too (`CGROUP_POLICY_NAMESPACE`).
@ConfigMapping(prefix = "cgroup-policy")
public interface OperatorSettings {
  /// The operator's own namespace, where its lease is; from the downward API in a cluster.
  @WithDefault("cgroup-policy-system")
  String namespace();

  /// Globs of the namespaces that policies leave out unless they say includeSystem.
  @WithDefault("kube-system,kube-public,kube-node-lease,openshift,openshift-*")
  List<String> systemNamespaces();

  /// How long the quota controller may take to adopt a quota of ours. A new policy gives it one in
  /// every namespace at once, and by default it writes 20 a second.
  @WithDefault("1M")
  Duration quotaGrace();

  LeaderElection leaderElection();

  Kubelet kubelet();

  Pressure pressure();

  /// How the nodes' kubelets are read.
  interface Kubelet {
    /// `direct`: the kubelet's own port, with `get nodes/configz`. `proxy`: through the API server,
    /// which needs config/rbac/nodes_proxy_role.yaml.
    @WithDefault("direct")
    KubeletAccess access();

    /// PEM bundle to verify kubelets with; without it, the cluster's own CA.
    Optional<Path> caFile();

    /// Do not verify kubelets: whoever answers at a node's address gets the operator's token.
    @WithDefault("false")
    boolean insecureSkipTlsVerify();

    /// From one look at a node to the next, jittered.
    @WithDefault("5M")
    Duration interval();

    /// For one answer, from the first packet to the last byte of the body.
    @WithDefault("5S")
    Duration timeout();

    /// Most requests in flight. Few, as TLS handshakes are work: were all begun at once, they would
    /// wait for each other until they time out. Kubelets that hang hold up nobody: those that ran
    /// into their timeout the last time have places of their own, half as many.
    @WithDefault("32")
    int concurrency();

    /// Longest body of an answer.
    @WithDefault("1M")
    MemorySize maxBody();
  }

  /// How the nodes' pressure is read, by the same way and with the same timeout.
  interface Pressure {
    /// From one look at a node to the next, jittered; the same where there was no usable answer.
    @WithDefault("30S")
    Duration interval();

    /// Most requests in flight, and half as many more for those that ran into the timeout the last
    /// time. So many answers of `max-body` may be in memory at a time.
    @WithDefault("16")
    int concurrency();

    /// Longest body of an answer. 250 pods of two containers are 1.6 MB, as kubelets indent.
    @WithDefault("4M")
    MemorySize maxBody();
  }

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
