package io.cgrouppolicy.chaos;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// A sequence of operations on namespaces, policies, pods and the operator, after which the cluster
/// must equal what the policies say.
record History(List<HistoryStep> steps) {
  /// How long the operator may take, on a machine that does other things too.
  static final Duration PATIENCE = Duration.ofSeconds(45);

  /// Runs a history that failed before, with an operator of its own.
  static void replay(HistoryStep... steps) {
    try (var operator = new HistoryOperator()) {
      new History(List.of(steps)).run(operator, PATIENCE);
    }
  }

  /// @param patience how long the operator may take until the cluster equals its policies
  /// @return the longest time until the cluster was calm
  Duration run(HistoryOperator operator, Duration patience) {
    try (var world = new HistoryWorld(operator, patience)) {
      for (var step : steps) {
        step.run(world);
      }
      world.calm();
      return world.slowest();
    }
  }

  /// The history as a test, to paste into `HistoriesIT`.
  String asTest(String name) {
    return steps.stream()
        .map(HistoryStep::code)
        .collect(
            Collectors.joining(
                ",\n        ",
                "  @Test\n  void " + name + "() {\n    History.replay(\n        ",
                ");\n  }\n"));
  }
}
