package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.namespace.Decision.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Selects the changes in a namespace that are reported as events.
final class NamespaceEvents {
  private NamespaceEvents() {}

  /// Emits an event for each new finding and for each policy that the namespace left.
  ///
  /// @param starting whether the operator has just started; first findings then existed before
  static List<Event> of(
      NamespaceView view,
      Map<String, NamespaceVerdict> before,
      Map<String, NamespaceVerdict> after,
      boolean starting) {
    var events = new ArrayList<Event>();
    new TreeMap<>(after)
        .forEach(
            (policy, verdict) -> {
              var old = before.get(policy);
              if (old == null && starting) {
                return;
              }
              var oldFindings = old == null ? List.<Finding>of() : old.findings();
              for (var finding : Finding.added(oldFindings, verdict.findings())) {
                events.add(
                    new Event(
                        finding.check().name(),
                        "Judge",
                        "policy " + policy + ": " + finding.message()));
              }
            });
    new TreeMap<>(before)
        .forEach(
            (policy, verdict) -> {
              var now = after.get(policy);
              if (!verdict.leaving() && (now == null || now.leaving())) {
                left(view, policy, verdict, events);
              }
            });
    return events;
  }

  /// Reports a namespace that left a policy because its labels changed. A change of the policy
  /// itself needs no event because its author knows.
  private static void left(
      NamespaceView view, String name, NamespaceVerdict before, List<Event> events) {
    var policy = view.book().find(name).orElse(null);
    if (policy == null
        || !before.isOf(policy)
        || view.book().selects(policy, view.name(), view.labels())) {
      return;
    }
    var successor =
        view.governing() == null
            ? "no policy governs it now"
            : "policy " + view.governing().name() + " governs it now";
    events.add(
        new Event(
            "LeftPolicy",
            "Select",
            "the namespace's labels were changed and policy "
                + name
                + " no longer selects it; "
                + successor));
  }

  static Event reverted(Plan plan) {
    return new Event(
        "Reverted",
        "Revert",
        plan.steps().stream().map(NamespaceEvents::describe).collect(Collectors.joining("; ")));
  }

  private static String describe(Step step) {
    return switch (step) {
      case Step.Delete delete -> delete.child() + " removed";
      case Step.Apply apply when apply.found() == null ->
          apply.child() + " was deleted and is back";
      case Step.Apply apply ->
          apply.child()
              + " changed back: "
              + apply.differences().stream()
                  .limit(5)
                  .map(Object::toString)
                  .collect(Collectors.joining(", "));
    };
  }
}
