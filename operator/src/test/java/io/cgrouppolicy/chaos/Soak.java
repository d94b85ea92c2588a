package io.cgrouppolicy.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import io.cgrouppolicy.testing.AuditLog;
import io.cgrouppolicy.testing.LocalCluster;
import io.cgrouppolicy.testing.WorkDirectory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/// Changes objects at a steady rate, and checks that what the operator takes does not grow: see
/// `make soak`. The load keeps the number of objects steady.
final class Soak implements AutoCloseable {
  private static final Duration ROW = Duration.ofMinutes(5);

  /// What is measured, and how much it may grow from the first to the last sample: by a share of
  /// its median, or by an amount if that is more.
  enum Measure {
    HEAP_MIB(0.2, 8),
    RSS_MIB(0.15, 32),
    THREADS(0, 10),
    OPEN_FILES(0, 20),
    RECONCILE_MS(0.5, 20),
    STATUS_WRITES(0.5, 30),
    WRITES(0.5, 30),
    REQUESTS(0.5, 100),
    WATCHES(0, 5);

    private final double share;
    private final double amount;

    Measure(double share, double amount) {
      this.share = share;
      this.amount = amount;
    }

    double allowed(Trend trend) {
      return Math.max(share * trend.median(), amount);
    }

    /// Whether it counts, and is reported per minute.
    boolean rate() {
      return compareTo(STATUS_WRITES) >= 0;
    }

    String title() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ') + (rate() ? "/min" : "");
    }
  }

  /// @param totals what has been counted since the start: writes, requests, seconds
  private record Sample(double minutes, Map<Measure, Double> values, Map<String, Double> totals) {}

  private final Scene scene;
  private final boolean alone;
  private final AuditLog audit;
  private final List<Sample> samples = new ArrayList<>();
  private final long start = System.nanoTime();
  private double writes;
  private double statusWrites;

  private Soak(Population.Size size, long seed, boolean alone) throws IOException {
    this.alone = alone;
    // With a short lease, a leader that waits for a CPU would lose it.
    scene = new Scene(WorkDirectory.resolve("scene"), size, seed, Map.of());
    audit = scene.controlPlane().auditLog();
  }

  /// Runs with the environment variables MINUTES and SEED.
  public static void main(String[] args) {
    var environment = System.getenv();
    var minutes = environment.getOrDefault("MINUTES", "");
    var seed = environment.getOrDefault("SEED", "");
    int code = 1;
    try {
      var time = Duration.ofMinutes(minutes.isEmpty() ? 60 : Long.parseLong(minutes));
      boolean flat =
          run(
              new Population.Size(100, 10, 150), // of pods, as many as the load keeps
              time,
              time.dividedBy(60),
              seed.isEmpty() ? System.nanoTime() : Long.parseLong(seed),
              true);
      code = flat ? 0 : 1;
    } catch (Exception | AssertionError e) {
      e.printStackTrace();
    }
    System.exit(code); // clients leave threads behind
  }

  /// Prints the table, and returns whether everything is flat.
  ///
  /// @param time after a quarter as long to warm up
  /// @param alone whether nothing else runs on the machine, so that latency counts too; then also
  ///     waits until the cluster is what the policies say, for a minute if the load has contested
  ///     objects
  static boolean run(Population.Size size, Duration time, Duration every, long seed, boolean alone)
      throws Exception {
    System.out.println("SEED=" + seed);
    try (var soak = new Soak(size, seed, alone)) {
      return soak.run(time, every) && (!alone || soak.calm());
    }
  }

  private boolean calm() throws InterruptedException {
    var calm = scene.calm();
    System.out.println("after the load: " + calm);
    return calm.differences().isEmpty();
  }

  private boolean run(Duration time, Duration every) throws Exception {
    var leader = scene.replicas().leader();
    var process = leader.process();
    scene.load().resume();
    Scene.pass(time.dividedBy(4)); // compiled code, pools and caches
    for (int i = 0; i * every.toMillis() <= time.toMillis(); i++) {
      samples.add(sample(leader));
      Scene.pass(every);
    }
    boolean holds = report();
    boolean same = leader.process() == process && scene.replicas().leader() == leader;
    if (!same) {
      System.out.println("the leader ended or lost its lease");
    }
    return holds && same;
  }

  private Sample sample(Replica leader) throws IOException {
    var process = leader.process();
    var footprint = Footprint.of(process);
    countWrites();
    var metrics = process.metrics().lines().toList();
    var values = new EnumMap<Measure, Double>(Measure.class);
    values.put(Measure.HEAP_MIB, (double) footprint.heapMiB());
    values.put(Measure.RSS_MIB, (double) process.rssMiB());
    values.put(Measure.THREADS, (double) footprint.threads());
    values.put(Measure.OPEN_FILES, (double) footprint.files());
    var server = scene.admin().raw("/metrics").lines().toList();
    var totals =
        Map.of(
            Measure.STATUS_WRITES.name(),
            statusWrites,
            Measure.WRITES.name(),
            writes,
            Measure.REQUESTS.name(),
            sum(server, "apiserver_request_total", line -> true),
            Measure.WATCHES.name(),
            sum(server, "apiserver_request_total", line -> line.contains("verb=\"WATCH\"")),
            "reconciled",
            sum(metrics, "reconciliations_execution_duration_seconds_count"),
            "reconciling",
            sum(metrics, "reconciliations_execution_duration_seconds_sum"));
    return new Sample((System.nanoTime() - start) / 60e9, values, totals);
  }

  private static double sum(List<String> metrics, String series) {
    return sum(metrics, series, line -> true);
  }

  private static double sum(List<String> metrics, String series, Predicate<String> filter) {
    return metrics.stream()
        .filter(line -> line.startsWith(series + "{") || line.startsWith(series + " "))
        .filter(filter)
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /// Reads on in the audit log.
  private void countWrites() {
    audit.read(
        line -> {
          if (line.contains(LocalCluster.OPERATOR_USER)) {
            count(AuditLog.parse(line));
          }
        });
  }

  private void count(JsonNode event) {
    var object = event.path("objectRef");
    if (!event.at("/user/username").asText().equals(LocalCluster.OPERATOR_USER)) {
      return;
    }
    if (object.path("subresource").asText().equals("status")) {
      statusWrites++;
    } else if (object.path("resource").asText().matches("limitranges|resourcequotas")) {
      writes++;
    }
  }

  /// Each sample but the first, with the rates since the one before.
  private Trend trend(Measure measure) {
    var at = new ArrayList<Double>();
    var values = new ArrayList<Double>();
    for (int i = 1; i < samples.size(); i++) {
      var before = samples.get(i - 1);
      var now = samples.get(i);
      at.add(now.minutes());
      values.add(
          switch (measure) {
            case RECONCILE_MS -> mean(before, now, "reconciling", "reconciled");
            default ->
                measure.rate()
                    ? difference(before, now, measure.name()) / (now.minutes() - before.minutes())
                    : now.values().get(measure);
          });
    }
    return new Trend(at, values);
  }

  private static double mean(Sample before, Sample now, String seconds, String count) {
    return 1_000 * difference(before, now, seconds) / Math.max(1, difference(before, now, count));
  }

  private static double difference(Sample before, Sample now, String total) {
    return now.totals().get(total) - before.totals().get(total);
  }

  private boolean report() {
    var trends = new EnumMap<Measure, Trend>(Measure.class);
    for (var measure : Measure.values()) {
      trends.put(measure, trend(measure));
    }
    print("minutes", trends, (measure, trend) -> measure.title());
    double first = samples.getFirst().minutes();
    double last = samples.getLast().minutes();
    double row = Math.min(ROW.toMinutes(), (last - first) / 3);
    for (double from = first; from < last - row / 2; from += row) {
      double begin = from;
      print(
          "%.1f".formatted(from - first),
          trends,
          (measure, trend) ->
              "%.1f"
                  .formatted(
                      Trend.median(
                          trend.between(begin, begin + row).stream()
                              .mapToDouble(value -> value)
                              .toArray())));
    }
    print("growth", trends, (measure, trend) -> "%.1f".formatted(trend.growth()));
    print("allowed", trends, (measure, trend) -> "%.1f".formatted(measure.allowed(trend)));
    boolean flat =
        trends.entrySet().stream().allMatch(entry -> flat(entry.getKey(), entry.getValue()));
    print("flat", trends, (measure, trend) -> flat(measure, trend) ? "yes" : "NO");
    return flat;
  }

  private boolean flat(Measure measure, Trend trend) {
    return trend.growth() <= measure.allowed(trend) || measure == Measure.RECONCILE_MS && !alone;
  }

  @FunctionalInterface
  private interface Cell {
    String of(Measure measure, Trend trend);
  }

  private static void print(String title, Map<Measure, Trend> trends, Cell cell) {
    var line = new StringBuilder("%-8s".formatted(title));
    trends.forEach((measure, trend) -> line.append("%18s".formatted(cell.of(measure, trend))));
    System.out.println(line);
  }

  @Override
  public void close() throws Exception {
    scene.close();
  }
}
