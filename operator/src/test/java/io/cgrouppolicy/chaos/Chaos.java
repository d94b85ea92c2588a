package io.cgrouppolicy.chaos;

import io.cgrouppolicy.testing.OperatorProcess;
import io.cgrouppolicy.testing.WorkDirectory;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Breaks things while the operator works, and shows what that costs: see `make chaos`.
final class Chaos implements AutoCloseable {
  /// How much longer a gap may be in a small scene, which shares the machine with other tests.
  private static final Duration SHARED = Duration.ofSeconds(5);

  /// How long verdicts may take, after the last write if a fault leaves thousands of writes to do.
  private static final Duration JUDGED = Duration.ofSeconds(10);
  private static final int WARM_UP = 100;

  /// The number of problems to print for each fault.
  private static final int SHOWN = 20;

  private final Duration allowance;
  private final Scene scene;
  private final GapWatch gaps;
  private final AuditTrail trail;
  private final Footprint before;

  private Chaos(boolean brief, long seed) throws Exception {
    allowance = brief ? SHARED : Duration.ZERO;
    var size = brief ? Population.Size.SHORT : Population.Size.FULL;
    scene = new Scene(WorkDirectory.resolve("scene"), size, seed, OperatorProcess.SHORT_LEASE);
    gaps = new GapWatch(scene.admin());
    trail = new AuditTrail(scene.controlPlane().auditLog(), scene.outages());
    scene.replicas().leader();
    scene.load().resume();
    scene.load().await(WARM_UP);
    var calm = scene.calm();
    if (!calm.differences().isEmpty()) {
      throw new IllegalStateException("not calm before the first fault: " + calm);
    }
    before = footprint();
    gaps.take();
    trail.take(scene.replicas().all());
  }

  /// All faults, in the order in which they are injected.
  static List<Fault> faults() {
    return Stream.of(
            ProcessFaults.all(),
            ControlPlaneFaults.all(),
            NetworkFaults.all(),
            MachineFaults.all(),
            CredentialFaults.all(),
            ObjectFaults.all(),
            List.of(MachineFaults.last()))
        .flatMap(List::stream)
        .toList();
  }

  /// @throws IllegalArgumentException if there is no fault of that name
  static Fault fault(String name) {
    return faults().stream()
        .filter(fault -> fault.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no fault '"
                        + name
                        + "'; there are "
                        + faults().stream().map(Fault::name).toList()));
  }

  /// Runs with the environment variables SEED, FAULTS and SHORT.
  public static void main(String[] args) {
    var environment = System.getenv();
    boolean brief = environment.getOrDefault("SHORT", "").equals("true");
    var seed = environment.getOrDefault("SEED", "");
    var names = environment.getOrDefault("FAULTS", "").trim();
    int code = 1;
    try {
      boolean holds =
          run(
              names.isEmpty()
                  ? faults()
                  : Stream.of(names.split("[ ,]+")).map(Chaos::fault).toList(),
              brief,
              seed.isEmpty() ? System.nanoTime() : Long.parseLong(seed));
      code = holds ? 0 : 1;
    } catch (Exception | AssertionError e) {
      e.printStackTrace();
    }
    System.exit(code); // clients leave threads behind
  }

  /// Injects faults one after the other, prints the table, and returns whether all rows hold.
  ///
  /// @param brief each fault once, in a small scene
  static boolean run(List<Fault> faults, boolean brief, long seed) throws Exception {
    System.out.println("SEED=" + seed);
    var rows = new ArrayList<Row>();
    try (var chaos = new Chaos(brief, seed)) {
      for (var fault : faults) {
        var row = new Row(fault);
        rows.add(row);
        chaos.inject(fault, brief ? 1 : fault.times(), row);
        System.out.println(row);
        row.problems().stream().limit(SHOWN).forEach(p -> System.out.println("  " + p));
      }
      System.out.println("\n" + Row.HEAD);
      rows.forEach(System.out::println);
      boolean holds = rows.stream().allMatch(Row::holds);
      if (!holds) {
        System.out.printf("SEED=%d; logs: %s%n", seed, chaos.scene.directory().getParent());
      }
      return holds;
    }
  }

  private void inject(Fault fault, int times, Row row) {
    try {
      for (int i = 0; i < times; i++) {
        row.add(trial(fault));
      }
    } catch (Exception | AssertionError e) {
      e.printStackTrace();
      row.failed(e);
    }
  }

  private Trial trial(Fault fault) throws Exception {
    scene.load().resume();
    fault.injection().inject(scene);
    var start = Instant.now();
    var calm = scene.calm();
    var problems = new ArrayList<>(calm.differences());
    problems.addAll(trail.take(scene.replicas().all()));
    var writing = Row.max(Duration.ZERO, Duration.between(start, trail.lastWrite()));
    if (calm.judged().minus(fault.lasting() ? writing : Duration.ZERO).compareTo(JUDGED) > 0) {
      problems.add("judged after %s, written after %s".formatted(calm.judged(), writing));
    }
    var found = gaps.take();
    var most = Duration.ZERO;
    for (var gap : found) {
      var excess = gap.length().minus(scene.outages().within(gap.from(), gap.to()));
      most = Row.max(most, excess);
      if (gap.open() || excess.compareTo(fault.gap().plus(allowance)) > 0) {
        problems.add(
            "%s was without LimitRange from %s to %s, %s longer than the outage"
                .formatted(gap.namespace(), gap.from(), gap.to(), excess));
      }
    }
    if (!fault.lasting()) {
      problems.addAll(before.leaks(footprint()));
    }
    var worst = found.isEmpty() ? Duration.ZERO : found.getFirst().length();
    return new Trial(calm.recovered(), calm.judged(), worst, most, problems);
  }

  private Footprint footprint() {
    var leader = scene.replicas().leader().process();
    return Footprint.of(leader);
  }

  @Override
  public void close() throws IOException {
    gaps.close();
    scene.close();
  }
}
