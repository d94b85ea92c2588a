package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.limits.Child;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What to do about a namespace.
public sealed interface Decision {

  /// The caller must make the plan's writes, then call [NamespaceDecider#written] or
  /// [NamespaceDecider#failed].
  ///
  /// @param revert whether the writes undo changes by another writer
  record Write(Plan plan, boolean revert, NamespaceMemory memory) implements Decision {
    /// Whether a step goes before those of other namespaces: it creates the LimitRange, or undoes a
    /// change by another writer.
    public boolean urgent(Step step) {
      return revert
          || step instanceof Step.Apply apply
              && apply.found() == null
              && apply.child().equals(Child.LIMIT_RANGE);
    }
  }

  /// The result when there is nothing to write.
  ///
  /// @param verdicts the verdicts by policy; a judging policy without one is undecided
  /// @param events the events to emit
  /// @param lookAgain how long until the namespace is reconciled without an event; zero for never
  /// @param uncovered how long the namespace had no objects from a policy; set only once, when a
  ///     namespace that was created while the operator ran gets its objects; otherwise null
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
            "undecided for " + memory.undecided().reason() + " without a time to reconcile again");
      }
    }
  }

  /// A Kubernetes event of type Warning that regards the namespace.
  ///
  /// @param reason CamelCase
  record Event(String reason, String action, String note) {}
}
