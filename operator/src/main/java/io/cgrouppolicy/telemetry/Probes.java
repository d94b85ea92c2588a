package io.cgrouppolicy.telemetry;

import io.cgrouppolicy.core.check.Trouble;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/// The kubelet's probes, under `/q/health/{started,ready,live}`. No probe fails for a reason that a
/// restart does not fix or that the policies' status reports.
@ApplicationScoped
public class Probes {
  /// The state of the operator's watches.
  public interface ClusterView {
    /// What keeps the operator from observing the cluster, or null. Its reason is `Forbidden` for a
    /// missing permission.
    Trouble trouble();

    /// The plural kinds whose watch was started and has ended permanently; excludes watches that
    /// fail and retry.
    List<String> endedWatches();
  }

  /// The state of the operator's start. The SDK cannot provide it, because it answers only once it
  /// has started.
  public interface StartView {
    /// Whether the watches have started and this replica leads or is a candidate.
    boolean started();
  }

  private final BooleanSupplier started;
  private final Supplier<Trouble> trouble;
  private final Supplier<List<String>> endedWatches;

  @Inject
  Probes(Operator operator, StartView start, ClusterView cluster) {
    this(
        start::started,
        cluster::trouble,
        () -> {
          var ended = new ArrayList<>(cluster.endedWatches());
          operator.getRegisteredControllers().stream()
              .filter(Probes::ended)
              .map(controller -> "primary of " + controller.getConfiguration().getName())
              .forEach(ended::add);
          return ended;
        });
  }

  Probes(BooleanSupplier started, Supplier<Trouble> trouble, Supplier<List<String>> endedWatches) {
    this.started = started;
    this.trouble = trouble;
    this.endedWatches = endedWatches;
  }

  private static boolean ended(RegisteredController<? extends HasMetadata> controller) {
    return controller
        .getControllerHealthInfo()
        .informerEventSourceHealthIndicators()
        .values()
        .stream()
        .flatMap(source -> source.informerHealthIndicators().values().stream())
        .anyMatch(informer -> !((InformerHealthIndicator) informer).isRunning());
  }

  /// Up when the watches have started, their first lists have arrived or failed, and this replica
  /// leads or is a candidate.
  @Produces
  @Startup
  HealthCheck started() {
    return () -> HealthCheckResponse.named("started").status(started.getAsBoolean()).build();
  }

  /// Up when the operator observes the cluster or knows which permission it lacks. Replicas that do
  /// not lead are ready too, because their caches are warm.
  @Produces
  @Readiness
  HealthCheck ready() {
    return () -> {
      var response = HealthCheckResponse.named("ready");
      var missing =
          started.getAsBoolean()
              ? trouble.get()
              : new Trouble("Starting", "the operator is starting");
      if (missing == null) {
        return response.up().build();
      }
      return response
          .withData(missing.reason(), missing.message())
          .status(missing.reason().equals("Forbidden"))
          .build();
    };
  }

  /// Up unless a watch has ended permanently or threads are deadlocked.
  @Produces
  @Liveness
  HealthCheck live() {
    return () -> {
      var response = HealthCheckResponse.named("live");
      var ended = started.getAsBoolean() ? endedWatches.get() : List.<String>of();
      if (!ended.isEmpty()) {
        return response.withData("endedWatches", String.join(", ", ended)).down().build();
      }
      var deadlocked = ManagementFactory.getThreadMXBean().findDeadlockedThreads();
      if (deadlocked != null) {
        return response.withData("deadlockedThreads", deadlocked.length).down().build();
      }
      return response.up().build();
    };
  }
}
