package io.cgrouppolicy.chaos;

import java.time.Duration;
import java.util.List;

/// Faults of the API server, etcd and the controllers.
final class ControlPlaneFaults {
  private static final Duration DOWN = Duration.ofSeconds(30);

  private ControlPlaneFaults() {}

  static List<Fault> all() {
    return List.of(
        new Fault("kill-apiserver", 5, "nothing", ControlPlaneFaults::killApiServer),
        new Fault("etcd-down", 1, "the lease", ControlPlaneFaults::etcdDown),
        new Fault("controllers-down", 1, "nothing", ControlPlaneFaults::controllersDown));
  }

  private static void killApiServer(Scene scene) {
    scene.load().await(scene.random().nextInt(1, 60));
    try (var _ = scene.outage()) {
      scene.controlPlane().control("kill-apiserver");
      scene.last(Duration.ofSeconds(scene.random().nextInt(30)));
      scene.controlPlane().control("start-apiserver");
      restartControllers(scene);
      scene.replicas().leader();
    }
  }

  private static void etcdDown(Scene scene) {
    try (var _ = scene.outage()) {
      scene.controlPlane().control("stop-etcd");
      scene.last(DOWN);
      scene.controlPlane().control("start-etcd");
      restartControllers(scene);
      scene.replicas().leader();
    }
  }

  /// They would back off for half a minute, and adopt no quotas meanwhile.
  private static void restartControllers(Scene scene) {
    scene.controlPlane().control("restart-controller-manager");
  }

  /// The operator works on: only the controllers' own work, such as adopting quotas, waits.
  private static void controllersDown(Scene scene) {
    scene.controlPlane().control("stop-controller-manager");
    scene.last(DOWN);
    scene.controlPlane().control("start-controller-manager");
  }
}
