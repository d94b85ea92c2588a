package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NamespaceCounts;
import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.Conditions.Status;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import java.util.EnumSet;
import java.util.Set;

/// Counts the namespaces of a policy.
final class NamespaceTally {
  /// Without one of the policy's objects, or with one that is not in force.
  private static final Set<Check> UNPROTECTED =
      EnumSet.of(
          Check.LimitRangeMissing,
          Check.LimitRangeDrifted,
          Check.ResourceQuotaMissing,
          Check.ResourceQuotaDrifted,
          Check.ResourceQuotaConflict,
          Check.ResourceQuotaNotEffective);

  private final int selected;
  private final boolean overruled;
  private int compliant;
  private int nonCompliant;
  private int pending;
  private int waiting;
  private int unprotected;

  private Trouble trouble;
  private String troubled;

  NamespaceTally(
      CompiledPolicy policy, Namespaces namespaces, Exceptions exceptions, Violations violations) {
    selected = namespaces.selected().size();
    overruled = namespaces.overruled();
    namespaces.leaving().forEach(this::trouble);
    for (var namespace : namespaces.selected()) {
      var verdict = namespaces.verdicts().apply(namespace);
      if (verdict == null || verdict.leaving() || !verdict.isOf(policy)) {
        pending++;
        continue;
      }
      if (verdict.trouble() != null) {
        trouble(namespace, verdict.trouble());
      }
      if (verdict.waiting()) {
        waiting++;
      }
      boolean violated = false;
      boolean lacksObject = false;
      for (var finding : verdict.findings()) {
        if (!exceptions.silences(finding.check(), namespace)) {
          violated = true;
          lacksObject |= UNPROTECTED.contains(finding.check());
          violations.add("Namespace", namespace, finding);
        }
      }
      if (lacksObject && !verdict.waiting()) {
        unprotected++;
      }
      if (violated) {
        nonCompliant++;
      } else if (verdict.trouble() != null) {
        pending++;
      } else {
        compliant++;
      }
    }
  }

  /// Keeps the trouble of the first namespace by name, so that the status is stable.
  private void trouble(String namespace, Trouble found) {
    if (troubled == null || namespace.compareTo(troubled) < 0) {
      troubled = namespace;
      trouble = found;
    }
  }

  NamespaceCounts counts() {
    return new NamespaceCounts(
        selected, compliant, nonCompliant, pending, compliant + "/" + selected);
  }

  /// The number of namespaces whose objects are held back.
  int waiting() {
    return waiting;
  }

  /// The number of namespaces in which an object of the policy is not in force or that could not be
  /// evaluated. Those that `rollout: WhenSafe` holds back do not count: the policy asks for that.
  int unprotected() {
    return unprotected + pending;
  }

  /// What keeps the operator from judging or writing a namespace, or null.
  Trouble trouble() {
    return trouble == null
        ? null
        : new Trouble(trouble.reason(), "namespace " + troubled + ": " + trouble.message());
  }

  /// What is still being evaluated, or null.
  String observing() {
    return pending > 0 && trouble == null
        ? CountMessage.of(pending, "namespace") + " not yet evaluated"
        : null;
  }

  Status condition(Conditions conditions, Trouble cluster) {
    if (cluster != null) {
      return conditions.set(
          "NamespacesCompliant", Status.Unknown, cluster.reason(), "see condition Ready");
    }
    if (nonCompliant > 0) {
      return conditions.set(
          "NamespacesCompliant",
          Status.False,
          "ViolationsFound",
          nonCompliant + " of " + CountMessage.of(selected, "namespace") + " in violation");
    }
    if (pending > 0) {
      return conditions.set(
          "NamespacesCompliant",
          Status.Unknown,
          trouble == null ? "Observing" : trouble.reason(),
          pending + " of " + CountMessage.of(selected, "namespace") + " not yet evaluated");
    }
    if (selected == 0) {
      return PolicyStatusFactory.empty(conditions, "NamespacesCompliant", "namespace", overruled);
    }
    return conditions.set(
        "NamespacesCompliant",
        Status.True,
        "Compliant",
        CountMessage.all(
            selected,
            "selected namespace complies with the policy",
            "selected namespaces comply with the policy"));
  }
}
