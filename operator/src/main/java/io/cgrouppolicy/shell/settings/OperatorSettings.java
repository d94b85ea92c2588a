package io.cgrouppolicy.shell.settings;

import io.cgrouppolicy.core.policy.SystemNamespaces;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The operator's settings. Each can also be set as an environment variable, for example
/// `CGROUP_POLICY_NAMESPACE`.
@ConfigMapping(prefix = "cgroup-policy")
public interface OperatorSettings {
  /// The operator's own namespace, which holds its lease and the ServiceAccount for kubelets. In a
  /// cluster, set from the downward API.
  @WithDefault("cgroup-policy-system")
  String namespace();

  /// Globs of the namespaces that policies exclude unless they set includeSystem.
  @WithDefault(SystemNamespaces.DEFAULT)
  List<String> systemNamespaces();

  /// How long the quota controller may take to adopt one of our quotas. A new policy creates one in
  /// every namespace at once, and by default that controller writes 20 per second.
  @WithDefault("1m")
  @WithConverter(PositiveDuration.class)
  Duration quotaGrace();

  LeaderElection leaderElection();

  Kubelet kubelet();

  Pressure pressure();

  OpenReports openReports();

  /// How to read kubelet configurations.
  interface Kubelet {
    /// `direct`: the kubelet's own port, with `get nodes/configz`. `proxy`: through the API server,
    /// which needs config/rbac/nodes_proxy_role.yaml.
    @WithDefault("direct")
    KubeletAccess access();

    /// PEM bundle to verify kubelets with. Defaults to the cluster's own CA.
    Optional<Path> caFile();

    /// Skips the verification of kubelets: any server at a node's address gets the token for
    /// kubelets.
    @WithDefault("false")
    boolean insecureSkipTlsVerify();

    /// Time between two reads of a node, jittered.
    @WithDefault("5m")
    @WithConverter(PositiveDuration.class)
    Duration interval();

    /// Timeout of one response, from the first packet to the last byte of the body.
    @WithDefault("5s")
    @WithConverter(PositiveDuration.class)
    Duration timeout();

    /// Maximum requests in flight. Low because TLS handshakes are CPU-bound: if all started at
    /// once, they would delay each other until they time out. Kubelets that timed out last time use
    /// a separate pool of half this size, so that they do not delay the others.
    @WithDefault("32")
    int concurrency();

    /// Maximum size of a response body.
    @WithDefault("1M")
    MemorySize maxBody();
  }

  /// How to read node pressure. Access and timeout are those of [Kubelet].
  interface Pressure {
    /// Time between two reads of a node, jittered; the same after an unusable response.
    @WithDefault("30s")
    @WithConverter(PositiveDuration.class)
    Duration interval();

    /// Maximum requests in flight, plus half as many for kubelets that timed out last time. As many
    /// responses of up to `max-body` can be in memory at once.
    @WithDefault("16")
    int concurrency();

    /// Maximum size of a response body. 250 pods with two containers each are 1.6 MB, because
    /// kubelets indent the JSON.
    @WithDefault("4M")
    MemorySize maxBody();
  }

  /// Whether to write the violations as Reports and ClusterReports of `openreports.io`.
  interface OpenReports {
    /// Needs the CRDs of OpenReports, and config/rbac/open-reports.
    @WithDefault("false")
    boolean enabled();

    /// Time between two lists of the reports, which show what other clients changed or deleted. A
    /// tenth of it after a failure.
    @WithDefault("5m")
    @WithConverter(PositiveDuration.class)
    Duration interval();
  }

  /// Leader election among the replicas.
  interface LeaderElection {
    @WithDefault("true")
    boolean enabled();

    /// How long the other replicas wait for a leader that died.
    @WithDefault("60s")
    @WithConverter(PositiveDuration.class)
    Duration leaseDuration();

    /// How long the leader may fail to renew. Longer than an API server restart, because a leader
    /// that loses its lease exits.
    @WithDefault("50s")
    @WithConverter(PositiveDuration.class)
    Duration renewDeadline();

    @WithDefault("5s")
    @WithConverter(PositiveDuration.class)
    Duration retryPeriod();
  }
}
