package io.cgrouppolicy.compliance;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NamespaceCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.Violation;
import io.cgrouppolicy.compliance.Conditions.Status;
import io.cgrouppolicy.compliance.NamespaceVerdict.Trouble;
import io.cgrouppolicy.policy.CompiledPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Turns verdicts into a status. Deterministic: the same input gives the same status, so that an
/// unchanged one is not written.
public final class PolicyStatusFactory {
  static final int MOST_VIOLATIONS = 100;

  private static final Comparator<Violation> ORDER =
      Comparator.comparing(Violation::check)
          .thenComparing(Violation::kind)
          .thenComparing(Violation::name)
          .thenComparing(Violation::message);

  private PolicyStatusFactory() {}

  /// What is known when a status is made.
  ///
  /// @param selected the names of the namespaces that the policy selects, by whatever order
  /// @param verdicts the verdict of this policy on a namespace, or null
  /// @param leaving the namespaces that it no longer selects and whose objects could not be
  ///     removed,
  /// and why
  /// @param cluster what keeps the operator from seeing the cluster at all, or null
  public record Input(
      CompiledPolicy policy,
      CgroupPolicyStatus previous,
      List<String> selected,
      Function<String, NamespaceVerdict> verdicts,
      Map<String, Trouble> leaving,
      Trouble cluster,
      Instant now) {}

  /// A status, with what the metrics need beside it.
  ///
  /// @param nextExpiry when the next exception ends, or null: the status must be made anew then
  public record Result(
      CgroupPolicyStatus status, Map<Check, Integer> violationsByCheck, Instant nextExpiry) {}

  /// Counting state of one pass.
  private static final class Tally {
    int compliant;
    int nonCompliant;
    int pending;
    Trouble trouble;
    String troubledNamespace;
    final List<Violation> violations = new ArrayList<>();
    final Map<Check, Integer> byCheck = new EnumMap<>(Check.class);

    void trouble(String namespace, Trouble found) {
      if (troubledNamespace == null || namespace.compareTo(troubledNamespace) < 0) {
        troubledNamespace = namespace;
        trouble = found;
      }
    }
  }

  public static Result create(Input input) {
    var policy = input.policy();
    var previous = input.previous();
    var conditions =
        new Conditions(
            previous == null ? null : previous.conditions(), policy.generation(), input.now());
    if (!policy.valid()) {
      return new Result(invalid(policy, conditions), Map.of(), null);
    }
    var exceptions = new Exceptions(policy.spec().exceptions(), input.now());
    var tally = tally(input, exceptions);
    var areas = new ArrayList<Status>();
    ready(input, tally, conditions, areas, policy);

    boolean hasNamespaces = policy.spec().namespaces() != null;
    tally.violations.sort(ORDER);
    var listed =
        tally.violations.stream().limit(MOST_VIOLATIONS).collect(Collectors.toUnmodifiableList());
    var counts =
        new NamespaceCounts(
            input.selected().size(),
            tally.compliant,
            tally.nonCompliant,
            tally.pending,
            tally.compliant + "/" + input.selected().size());
    var status =
        new CgroupPolicyStatus(
            policy.generation(),
            conditions.list(),
            hasNamespaces ? counts : null,
            null,
            null,
            null,
            tally.violations.size(),
            listed);
    return new Result(status, tally.byCheck, exceptions.nextExpiry());
  }

  private static Tally tally(Input input, Exceptions exceptions) {
    var tally = new Tally();
    input.leaving().forEach(tally::trouble);
    for (var namespace : input.selected()) {
      var verdict = input.verdicts().apply(namespace);
      if (verdict == null
          || verdict.leaving()
          || verdict.generation() != input.policy().generation()
          || !verdict.policyUid().equals(input.policy().uid())) {
        tally.pending++;
        continue;
      }
      if (verdict.trouble() != null) {
        tally.trouble(namespace, verdict.trouble());
      }
      boolean violated = false;
      for (var finding : verdict.findings()) {
        if (!exceptions.silences(finding.check(), namespace)) {
          violated = true;
          tally.byCheck.merge(finding.check(), 1, Integer::sum);
          tally.violations.add(
              new Violation(
                  finding.check().name(),
                  "Namespace",
                  null,
                  namespace,
                  finding.expected(),
                  finding.actual(),
                  finding.message()));
        }
      }
      if (violated) {
        tally.nonCompliant++;
      } else if (verdict.trouble() != null) {
        tally.pending++;
      } else {
        tally.compliant++;
      }
    }
    return tally;
  }

  private static void ready(
      Input input, Tally tally, Conditions conditions, List<Status> areas, CompiledPolicy policy) {
    boolean observing = tally.pending > 0 && tally.trouble == null;
    if (input.cluster() != null) {
      conditions.set("Ready", Status.False, input.cluster().reason(), input.cluster().message());
    } else if (tally.trouble != null) {
      conditions.set(
          "Ready",
          Status.False,
          tally.trouble.reason(),
          "namespace " + tally.troubledNamespace + ": " + tally.trouble.message());
    } else if (observing) {
      conditions.set(
          "Ready", Status.Unknown, "Observing", tally.pending + " namespaces are not judged yet");
    } else {
      conditions.set(
          "Ready",
          Status.True,
          policy.enforces() ? "Enforced" : "Audited",
          "generation " + policy.generation() + " was evaluated everywhere it could be");
    }
    areas.add(namespaces(input, tally, conditions));
    areas.add(
        later(
            "WorkloadsCompliant", policy.spec().workloads() != null, "spec.workloads", conditions));
    areas.add(later("NodesCompliant", policy.spec().nodes() != null, "spec.nodes", conditions));
    areas.add(
        later(
            "PressureNormal",
            policy.spec().nodes() != null && policy.spec().nodes().pressure() != null,
            "spec.nodes.pressure",
            conditions));
    var worst = Status.worst(areas);
    conditions.set(
        "Compliant",
        worst,
        switch (worst) {
          case True -> "Compliant";
          case False -> "ViolationsFound";
          case Unknown -> "Observing";
        },
        tally.violations.size() + " violations");
    if (observing) {
      conditions.set(
          "Reconciling",
          Status.True,
          "Observing",
          tally.pending + " namespaces are not judged yet");
    }
  }

  private static Status namespaces(Input input, Tally tally, Conditions conditions) {
    if (input.policy().spec().namespaces() == null) {
      conditions.set(
          "NamespacesCompliant", Status.True, "NotRequested", "the policy has no spec.namespaces");
      return Status.True;
    }
    if (input.cluster() != null) {
      conditions.set(
          "NamespacesCompliant", Status.Unknown, input.cluster().reason(), "see condition Ready");
      return Status.Unknown;
    }
    if (tally.nonCompliant > 0) {
      conditions.set(
          "NamespacesCompliant",
          Status.False,
          "ViolationsFound",
          tally.nonCompliant + " of " + input.selected().size() + " namespaces have violations");
      return Status.False;
    }
    if (tally.pending > 0) {
      conditions.set(
          "NamespacesCompliant",
          Status.Unknown,
          tally.trouble == null ? "Observing" : tally.trouble.reason(),
          tally.pending + " of " + input.selected().size() + " namespaces are not judged yet");
      return Status.Unknown;
    }
    conditions.set(
        "NamespacesCompliant",
        Status.True,
        "Compliant",
        "all " + input.selected().size() + " selected namespaces are as the policy says");
    return Status.True;
  }

  /// Areas that this version does not judge yet: said so, never falsely True.
  private static Status later(String type, boolean requested, String field, Conditions conditions) {
    if (requested) {
      conditions.set(
          type, Status.Unknown, "NotImplemented", "this version does not judge " + field + " yet");
      return Status.Unknown;
    }
    conditions.set(type, Status.True, "NotRequested", "the policy has no " + field);
    return Status.True;
  }

  private static CgroupPolicyStatus invalid(CompiledPolicy policy, Conditions conditions) {
    var message =
        policy.problems().stream().map(Object::toString).collect(Collectors.joining("; "));
    conditions.set("Ready", Status.False, "InvalidSpec", message);
    for (var type :
        List.of(
            "NamespacesCompliant",
            "WorkloadsCompliant",
            "NodesCompliant",
            "PressureNormal",
            "Compliant")) {
      conditions.set(type, Status.Unknown, "InvalidSpec", "see condition Ready");
    }
    conditions.set("Stalled", Status.True, "InvalidSpec", message);
    return new CgroupPolicyStatus(
        policy.generation(), conditions.list(), null, null, null, null, 0, List.of());
  }
}
