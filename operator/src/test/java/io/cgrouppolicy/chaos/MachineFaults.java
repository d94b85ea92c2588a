package io.cgrouppolicy.chaos;

import static io.cgrouppolicy.chaos.Scene.pass;

import io.cgrouppolicy.testing.Command;
import io.cgrouppolicy.testing.OperatorProcess;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Faults of the machine below the operator: its clock, disk and memory.
final class MachineFaults {
  private static final Duration FOR = Duration.ofSeconds(20);
  private static final Duration GRACE = Duration.ofSeconds(20);

  /// The elector compares the lease with its own clock. Both replicas write the same until the
  /// leader's next renewal.
  private static final String LEASE = "one writer, for 1 s";

  private static final int NAMESPACES = 5_000;
  private static final int NAMESPACES_SHORT = 200;

  /// So many namespaces at once wait for 10,000 writes.
  private static final Duration CROWD = Duration.ofSeconds(10);

  private MachineFaults() {}

  static List<Fault> all() {
    return List.of(
        new Fault("leader-clock-ahead", 1, LEASE, scene -> jump(scene, true, Duration.ofHours(1))),
        new Fault("leader-clock-back", 1, LEASE, scene -> jump(scene, true, Duration.ofHours(-1))),
        new Fault(
            "standby-clock-ahead", 1, LEASE, scene -> jump(scene, false, Duration.ofHours(1))),
        new Fault("disk-full", 1, "log lines", MachineFaults::fillDisk));
  }

  /// To be injected last: its namespaces stay, because deleting them takes longer than all other
  /// faults.
  static Fault last() {
    return new Fault("heap-128m", 1, "nothing", MachineFaults::limitHeap).lasts().withGap(CROWD);
  }

  /// And back.
  private static void jump(Scene scene, boolean ofLeader, Duration offset) throws IOException {
    var leader = scene.replicas().leader();
    var process =
        scene.replicas().all().stream()
            .filter(replica -> (replica == leader) == ofLeader)
            .findFirst()
            .orElseThrow()
            .process();
    try (var _ = scene.outage();
        var _ = scene.outages().skew()) {
      JumpingClock.set(process.pid(), offset);
      pass(FOR);
      if (process.alive()) { // a leader that loses its lease ends
        JumpingClock.set(process.pid(), Duration.ZERO);
      }
      Probe.await(scene);
    }
  }

  /// The log cannot grow any more. The limit is for regular files only, not for sockets.
  private static void fillDisk(Scene scene) {
    var processes = scene.replicas().all().stream().map(Replica::process).toList();
    processes.forEach(process -> limitFiles(process, "0"));
    try {
      scene.admin().namespaces().withName(Population.namespace(0)).delete(); // something to log
      pass(FOR);
      Probe.await(scene);
    } finally {
      processes.forEach(process -> limitFiles(process, "unlimited"));
    }
  }

  private static void limitFiles(OperatorProcess process, String bytes) {
    Command.succeed(
        "prlimit", "--pid", String.valueOf(process.pid()), "--fsize=" + bytes + ":unlimited");
  }

  /// Half of the heap, and as many namespaces as the operator is measured with, all of which then
  /// get other limits.
  private static void limitHeap(Scene scene) {
    scene.replicas().all().forEach(replica -> replica.flags(List.of("-Xmx128m")));
    restart(scene);
    boolean full = scene.population().size().equals(Population.Size.FULL);
    Population.parallel(
        full ? NAMESPACES : NAMESPACES_SHORT,
        i ->
            scene
                .admin()
                .resource(
                    new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("crowd-" + i)
                        .addToLabels("team", "a")
                        .endMetadata()
                        .build())
                .create());
    try (var _ = scene.outage()) {
      Probe.await(scene);
    }
    scene.population().apply("guard", scene.random().nextInt(128, 1_128));
  }

  private static void restart(Scene scene) {
    try (var _ = scene.outage()) {
      scene.replicas().all().forEach(replica -> replica.process().stop(GRACE));
      Probe.await(scene);
    }
  }
}
