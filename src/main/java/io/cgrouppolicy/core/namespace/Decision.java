package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.namespace.NamespacePlanner.Plan;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What to do about a namespace.
public sealed interface Decision {

  /// Make the plan's writes, then decide again with [NamespaceDecider#written] or
  /// [NamespaceDecider#failed].
  ///
  /// @param revert whether the writes restore what another writer changed
  record Write(Plan plan, boolean revert, NamespaceMemory memory) implements Decision {}

  /// Nothing to write: this is how the namespace stands.
  ///
  /// @param verdicts by policy; a judging policy that has none is undecided
  /// @param events news since the last look
  /// @param lookAgain how long until the namespace must be looked at without an event; zero for
  ///     never
  /// @param uncovered how long the namespace, created while the operator ran, had none of its
  ///     objects; null except when that ends
  record Outcome(
      Map<String, NamespaceVerdict> verdicts,
      NamespaceMemory memory,
      List<Event> events,
      Duration lookAgain,
      Duration uncovered)
      implements Decision {
    public Outcome {
      if (memory.undecided() != null && lookAgain.isZero()) {
        throw new IllegalArgumentException(
            "undecided, " + memory.undecided().reason() + ", with no time to look again");
      }
    }
  }

  /// A Kubernetes event of type Warning that regards the namespace.
  ///
  /// @param reason CamelCase
  record Event(String reason, String action, String note) {}
}
