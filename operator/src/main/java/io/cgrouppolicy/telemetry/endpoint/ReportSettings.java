package io.cgrouppolicy.telemetry.endpoint;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/// The page with the operator's findings, beside the metrics.
@ConfigMapping(prefix = "cgroup-policy.report")
public interface ReportSettings {
  /// Serves it to clients that the API server permits to `get` the URL `/report`, also if metrics
  /// are served to anyone: unlike metrics, it names namespaces, workloads and nodes.
  @WithDefault("false")
  boolean enabled();

  /// How old the page may be: it is written at most that often.
  @WithDefault("10s")
  Duration maxAge();
}
