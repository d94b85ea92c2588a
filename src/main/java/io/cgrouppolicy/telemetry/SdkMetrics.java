package io.cgrouppolicy.telemetry;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/// The SDK's own metrics, in its second version. The extension means to provide them, but its
/// provider is asked before the registry has been given to it, and then there are none.
class SdkMetrics {
  @Produces
  @Singleton
  @Unremovable
  Metrics metrics(MeterRegistry registry) {
    return MicrometerMetricsV2.newBuilder(registry).build();
  }
}
