package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The verdicts on a namespace, by policy.
final class NamespaceVerdicts {
  /// Bounds the messages of webhooks, because a status lists up to a hundred violations. Condition
  /// Ready has the whole message.
  private static final int MAX_CAUSE = 400;

  private NamespaceVerdicts() {}

  /// @param trouble of all policies, or null
  /// @param contested how long the namespace still counts as contested; zero when it does not
  static Map<String, NamespaceVerdict> of(
      NamespaceView view,
      Map<CompiledPolicy, List<Finding>> findings,
      Trouble trouble,
      Duration contested) {
    var verdicts = new HashMap<String, NamespaceVerdict>();
    for (var policy : view.selection().judging()) {
      var found = new ArrayList<>(findings.getOrDefault(policy, List.of()));
      if (!contested.isZero() && policy.enforces()) {
        found.add(
            Finding.of(
                Check.ObjectContested,
                "no other writer",
                "changed repeatedly",
                "another writer keeps changing what the operator restores; the operator now waits"
                    + " between attempts"));
      }
      verdicts.put(policy.name(), verdict(policy, trouble, found));
    }
    return verdicts;
  }

  /// The verdicts while the governing policy's objects are held back.
  ///
  /// @param decided whether the rollout gate's answer is final; if not, the governing policy has no
  ///     verdict
  static Map<String, NamespaceVerdict> heldBack(
      NamespaceView view, Map<CompiledPolicy, List<Finding>> findings, boolean decided) {
    var verdicts = new HashMap<String, NamespaceVerdict>();
    for (var policy : view.selection().judging()) {
      var found = findings.getOrDefault(policy, List.of());
      if (!policy.equals(view.governing())) {
        verdicts.put(policy.name(), verdict(policy, null, found));
      } else if (decided) {
        verdicts.put(
            policy.name(),
            NamespaceVerdict.waiting(policy.uid(), policy.generation(), List.copyOf(found)));
      }
    }
    return verdicts;
  }

  /// Gives the trouble to the governing policy or, if there is none, to the policies whose objects
  /// should be removed.
  static Map<String, NamespaceVerdict> failed(NamespaceView view, Plan plan, Trouble trouble) {
    var verdicts = new HashMap<String, NamespaceVerdict>();
    if (view.governing() == null) {
      for (var step : plan.steps()) {
        if (step instanceof Step.Delete delete) {
          Child.policyOf(delete.found())
              .flatMap(view.book()::find)
              .ifPresent(
                  policy ->
                      verdicts.put(
                          policy.name(),
                          NamespaceVerdict.leaving(policy.uid(), policy.generation(), trouble)));
        }
      }
    }
    for (var policy : view.selection().judging()) {
      var found = plan.findings().getOrDefault(policy, List.of());
      verdicts.put(
          policy.name(),
          policy.equals(view.governing())
              ? verdict(policy, trouble, found.stream().map(f -> because(f, trouble)).toList())
              : verdict(policy, null, found));
    }
    return verdicts;
  }

  /// Adds the cause to a finding that the failed write would have fixed.
  private static Finding because(Finding finding, Trouble trouble) {
    return switch (finding.check()) {
      case LimitRangeMissing, LimitRangeDrifted, ResourceQuotaMissing, ResourceQuotaDrifted ->
          finding.and(
              trouble.message().length() <= MAX_CAUSE
                  ? trouble.message()
                  : trouble.message().substring(0, MAX_CAUSE) + "...");
      default -> finding;
    };
  }

  private static NamespaceVerdict verdict(
      CompiledPolicy policy, Trouble trouble, List<Finding> findings) {
    return new NamespaceVerdict(policy.uid(), policy.generation(), trouble, List.copyOf(findings));
  }
}
