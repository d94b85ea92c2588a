package io.cgrouppolicy.telemetry;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/// Provides the SDK's own metrics, in their second version. The extension's provider would run
/// before a registry exists, and so provide none.
class SdkMetrics {
  private static final List<String> CONTROLLERS = List.of("cgrouppolicy", "namespace", "node");

  @Produces
  @Singleton
  @Unremovable
  Metrics metrics(MeterRegistry registry) {
    // Prometheus sees no increase in the first value of a counter, so create it at startup.
    for (var controller : CONTROLLERS) {
      registry.counter(MicrometerMetricsV2.RECONCILIATIONS_FAILED, "controller.name", controller);
    }
    return MicrometerMetricsV2.newBuilder(registry).build();
  }
}
