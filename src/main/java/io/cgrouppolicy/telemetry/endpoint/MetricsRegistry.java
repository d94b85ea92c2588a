package io.cgrouppolicy.telemetry.endpoint;

import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// Where Quarkus and we count. Quarkus would make the same, but only together with an endpoint that
/// is open to all on the port of the probes (`quarkus.micrometer.export.prometheus.enabled`).
class MetricsRegistry {
  @Produces
  @Singleton
  PrometheusMeterRegistry registry() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }
}
