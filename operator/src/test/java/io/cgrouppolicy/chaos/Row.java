package io.cgrouppolicy.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What the injections of a fault cost: a row of the table.
final class Row {
  static final String HEAD =
      "%-20s %5s  %-28s %8s %8s %8s %8s %8s  %s"
          .formatted(
              "fault",
              "times",
              "lost",
              "recover",
              "worst",
              "judged",
              "gap",
              "beyond",
              "holds (or what not)");

  private final Fault fault;
  private final List<Duration> recoveries = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private Duration judged = Duration.ZERO;
  private Duration gap = Duration.ZERO;
  private Duration excess = Duration.ZERO;

  Row(Fault fault) {
    this.fault = fault;
  }

  void add(Trial trial) {
    recoveries.add(trial.recovery());
    judged = max(judged, trial.judged());
    gap = max(gap, trial.gap());
    excess = max(excess, trial.excess());
    problems.addAll(trial.problems());
  }

  void failed(Throwable cause) {
    problems.add(cause.toString());
  }

  boolean holds() {
    return problems.isEmpty();
  }

  List<String> problems() {
    return List.copyOf(problems);
  }

  static Duration max(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static String seconds(Duration duration) {
    return "%.1f s".formatted(duration.toMillis() / 1000.0);
  }

  @Override
  public String toString() {
    var sorted = recoveries.stream().sorted().toList();
    var median = sorted.isEmpty() ? Duration.ZERO : sorted.get(sorted.size() / 2);
    var worst = sorted.isEmpty() ? Duration.ZERO : sorted.getLast();
    return "%-20s %5d  %-28s %8s %8s %8s %8s %8s  %s"
        .formatted(
            fault.name(),
            recoveries.size(),
            fault.lost(),
            seconds(median),
            seconds(worst),
            seconds(judged),
            seconds(gap),
            seconds(excess),
            holds() ? "yes" : "NO: " + problems.size() + ", such as " + problems.getFirst());
  }
}
