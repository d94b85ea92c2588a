package io.cgrouppolicy.chaos;

import java.time.Duration;
import java.util.List;

/// Faults of the operator's own processes.
final class ProcessFaults {
  private static final Duration GRACE = Duration.ofSeconds(20);
  private static final Duration FROZEN = Duration.ofSeconds(60);

  private ProcessFaults() {}

  static List<Fault> all() {
    return List.of(
        new Fault("kill-leader", 50, "the lease, for 6 s", ProcessFaults::kill),
        new Fault("terminate-leader", 5, "nothing", ProcessFaults::terminate),
        new Fault("freeze-leader", 1, "the lease, for 6 s", ProcessFaults::freeze));
  }

  private static void kill(Scene scene) {
    scene.load().await(scene.random().nextInt(1, 60));
    var holder = scene.replicas().holder().orElseThrow();
    var leader = scene.replicas().leader();
    try (var _ = scene.outage()) {
      leader.process().kill();
      scene.replicas().leader(holder);
    }
  }

  private static void terminate(Scene scene) {
    scene.load().await(scene.random().nextInt(1, 60));
    var holder = scene.replicas().holder().orElseThrow();
    var leader = scene.replicas().leader();
    try (var _ = scene.outage()) {
      leader.process().stop(GRACE);
      scene.replicas().leader(holder);
    }
  }

  /// Another replica must lead meanwhile. The audit trail shows whether the first one writes when
  /// it goes on.
  private static void freeze(Scene scene) {
    var holder = scene.replicas().holder().orElseThrow();
    var leader = scene.replicas().leader();
    leader.process().signal("STOP");
    try {
      try (var _ = scene.outage()) {
        scene.replicas().leader(holder);
      }
      scene.last(FROZEN);
    } finally {
      leader.process().signal("CONT");
    }
  }
}
