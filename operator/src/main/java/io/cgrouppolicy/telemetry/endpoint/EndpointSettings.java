package io.cgrouppolicy.telemetry.endpoint;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/// How metrics are served. Each can also be set as an environment variable, for example
/// `CGROUP_POLICY_METRICS_SECURE`.
@ConfigMapping(prefix = "cgroup-policy.metrics")
public interface EndpointSettings {
  /// HTTPS, for clients that the API server permits to `get` the URL `/metrics`. If false, plain
  /// HTTP for anyone who can reach the port.
  @WithDefault("true")
  boolean secure();

  /// The address to listen on; by default that of the probes.
  @WithDefault("${quarkus.http.host:0.0.0.0}")
  String host();

  /// 0 for any free port, which the log names.
  @WithDefault("8443")
  int port();

  /// The directory of `tls.crt` and `tls.key` (PEM), as in a mounted Secret of type
  /// kubernetes.io/tls. Without both files, the operator creates its own certificate.
  @WithDefault("/etc/cgroup-policy/metrics-tls")
  Path tlsDirectory();

  /// Time between two checks of these files.
  @WithDefault("10s")
  Duration reloadPeriod();

  /// How long the API server's permission for a token is cached.
  @WithDefault("1m")
  Duration allowedFor();

  /// How long its denial is cached.
  @WithDefault("10s")
  Duration refusedFor();
}
