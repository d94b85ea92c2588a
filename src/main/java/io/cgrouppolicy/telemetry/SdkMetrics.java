package io.cgrouppolicy.telemetry;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/// The SDK's own metrics, in its second version. The extension means to provide them, but its
/// provider is asked before the registry has been given to it, and then there are none.
class SdkMetrics {
  private static final List<String> CONTROLLERS = List.of("cgrouppolicy", "namespace", "node");

  @Produces
  @Singleton
  @Unremovable
  Metrics metrics(MeterRegistry registry) {
    // Prometheus sees no increase in the first value of a counter, so it must be there before.
    for (var controller : CONTROLLERS) {
      registry.counter(MicrometerMetricsV2.RECONCILIATIONS_FAILED, "controller.name", controller);
    }
    return MicrometerMetricsV2.newBuilder(registry).build();
  }
}
