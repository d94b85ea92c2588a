package io.cgrouppolicy.telemetry.endpoint;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/// How metrics are served; each is an environment variable too (`CGROUP_POLICY_METRICS_SECURE`).
@ConfigMapping(prefix = "cgroup-policy.metrics")
public interface EndpointSettings {
  /// HTTPS, for those whom the API server knows and lets `get` the URL `/metrics`. Without it,
  /// plain HTTP for anyone who can reach the port.
  @WithDefault("true")
  boolean secure();

  /// The address to listen at; where the probes are.
  @WithDefault("${quarkus.http.host:0.0.0.0}")
  String host();

  /// 0 for any that is free, which the log tells.
  @WithDefault("8443")
  int port();

  /// Where `tls.crt` and `tls.key` are, PEM, as a Secret of type kubernetes.io/tls is mounted.
  /// Without both, the operator makes a certificate of its own.
  @WithDefault("/etc/cgroup-policy/metrics-tls")
  Path tlsDirectory();

  /// From one look at these files to the next.
  @WithDefault("10S")
  Duration reloadPeriod();

  /// How long somebody who may read metrics is not asked about again.
  @WithDefault("1M")
  Duration allowedFor();

  /// How long somebody who may not is not asked about again.
  @WithDefault("10S")
  Duration refusedFor();
}
