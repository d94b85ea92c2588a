package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.chaos.Scene.pass;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Faults between the operators and the API server.
final class NetworkFaults {
  private static final Duration FOR = Duration.ofSeconds(30);

  /// The operator closes connections that are silent for 90 s.
  private static final Duration NOTICED = Duration.ofSeconds(95);

  private static final Duration BURST = Duration.ofSeconds(2);
  private static final int BURSTS = 5;
  private static final double MOST = 0.9;

  private NetworkFaults() {}

  static List<Fault> all() {
    return List.of(
        new Fault("connections-cut", 20, "nothing", NetworkFaults::cut),
        new Fault("latency-10s", 1, "the lease", scene -> during(scene, NetworkFaults::delay)),
        new Fault("status-429", 1, "the lease", scene -> bursts(scene, 429, "TooManyRequests")),
        new Fault("status-500", 1, "the lease", scene -> bursts(scene, 500, "InternalError")),
        new Fault("watches-expired", 1, "nothing", NetworkFaults::expire),
        new Fault("half-reset", 1, "the lease", scene -> during(scene, p -> p.reset(0.5))),
        new Fault("silence", 1, "the lease", NetworkFaults::silence));
  }

  @FunctionalInterface
  private interface Start {
    void start(FaultyProxy proxy);
  }

  private static void delay(FaultyProxy proxy) {
    proxy.delay(Duration.ofSeconds(10));
  }

  private static void during(Scene scene, Start fault) {
    try (var _ = scene.outage()) {
      fault.start(scene.proxy());
      pass(FOR);
      scene.proxy().calm();
      Probe.await(scene);
    }
  }

  /// Ends when every replica has noticed: a standby that took the lease before would act on what it
  /// saw last.
  private static void silence(Scene scene) {
    var noticed = Instant.now().plus(NOTICED);
    during(scene, FaultyProxy::hang);
    pass(Duration.between(Instant.now(), noticed));
  }

  private static void cut(Scene scene) {
    scene.load().await(scene.random().nextInt(1, 60));
    try (var _ = scene.outage()) {
      scene.proxy().cut();
      Probe.await(scene);
    }
  }

  private static void bursts(Scene scene, int code, String reason) {
    try (var _ = scene.outage()) {
      for (int i = 0; i < BURSTS; i++) {
        scene.proxy().answer(code, reason, MOST);
        pass(BURST);
        scene.proxy().calm();
        pass(BURST);
      }
      Probe.await(scene);
    }
  }

  /// Each watch that connects has to list again.
  private static void expire(Scene scene) {
    try (var _ = scene.outage()) {
      scene.proxy().expireWatches();
      scene.proxy().cut();
      pass(FOR);
      scene.proxy().calm();
      Probe.await(scene);
    }
  }
}
