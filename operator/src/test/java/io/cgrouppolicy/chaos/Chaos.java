package io.cgrouppolicy.chaos;

import java.util.List;
import java.util.stream.Stream;

/// Breaks things while the operator works, and shows what that costs: see `make chaos`.
final class Chaos {
  private Chaos() {}

  /// All faults, in the order in which they are injected.
  static List<Fault> faults() {
    return Stream.of(ProcessFaults.all(), ControlPlaneFaults.all()).flatMap(List::stream).toList();
  }
}
