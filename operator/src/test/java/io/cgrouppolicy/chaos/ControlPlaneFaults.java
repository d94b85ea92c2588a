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
        new Fault("etcd-down", 1, "the lease", scene -> down(scene, "etcd")),
        new Fault("controllers-down", 1, "nothing", ControlPlaneFaults::controllersDown));
  }

  private static void killApiServer(Scene scene) {
    scene.load().await(scene.random().nextInt(1, 60));
    try (var _ = scene.outage()) {
      scene.controlPlane().control("kill-apiserver");
      scene.controlPlane().control("start-apiserver");
      scene.replicas().leader();
    }
  }

  private static void down(Scene scene, String program) {
    try (var _ = scene.outage()) {
      scene.controlPlane().control("stop-" + program);
      Scene.pass(DOWN);
      scene.controlPlane().control("start-" + program);
      scene.controlPlane().control("restart-controller-manager"); // it would wait half a minute
      scene.replicas().leader();
    }
  }

  /// The operator works on: only the controllers' own work, such as adopting quotas, waits.
  private static void controllersDown(Scene scene) {
    scene.controlPlane().control("stop-controller-manager");
    Scene.pass(DOWN);
    scene.controlPlane().control("start-controller-manager");
  }
}
