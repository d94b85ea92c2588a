package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NamespaceCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PreviewCounts;
import io.cgrouppolicy.core.check.Check.Area;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.Conditions.Status;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;

/// Counts the namespaces of a policy, and the pods that its objects would change or reject.
final class NamespaceTally {
  private final int selected;
  private int compliant;
  private int nonCompliant;
  private int pending;
  private int waiting;
  private int wouldChange;
  private int wouldReject;

  /// Why the operator cannot preview the effect of the objects, or null.
  private final Trouble blind;

  private Trouble trouble;
  private String troubled;

  NamespaceTally(
      CompiledPolicy policy,
      Namespaces namespaces,
      Workloads workloads,
      Exceptions exceptions,
      Violations violations) {
    blind = policy.previews() ? workloads.trouble() : null;
    selected = namespaces.selected().size();
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
      for (var finding : verdict.findings()) {
        if (!exceptions.silences(finding.check(), namespace)) {
          violated = true;
          violations.add("Namespace", namespace, finding);
        }
      }
      var pods = policy.previews() ? workloads.of(policy, namespace) : null;
      if (pods != null) {
        wouldChange += pods.preview().wouldChange();
        wouldReject += pods.preview().wouldReject();
        for (var found : pods.findings()) {
          var check = found.finding().check();
          if (check.area() == Area.NAMESPACES && !exceptions.silences(check, namespace)) {
            violated = true;
            var in = found.kind().equals("Namespace") ? null : namespace;
            violations.add(found.kind(), in, found.name(), found.finding());
          }
        }
      }
      boolean unseen = policy.previews() && pods == null && blind == null;
      if (violated) {
        nonCompliant++;
      } else if (unseen || verdict.trouble() != null) {
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

  PreviewCounts preview() {
    return new PreviewCounts(wouldChange, wouldReject, waiting);
  }

  /// The number of namespaces whose objects are held back.
  int waiting() {
    return waiting;
  }

  /// What keeps the operator from judging or writing a namespace, or null.
  Trouble trouble() {
    return trouble == null
        ? null
        : new Trouble(trouble.reason(), "namespace " + troubled + ": " + trouble.message());
  }

  /// What is still being evaluated, or null.
  String observing() {
    return pending > 0 && trouble == null ? pending + " namespaces are not evaluated yet" : null;
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
          nonCompliant + " of " + selected + " namespaces have violations");
    }
    if (blind != null) {
      return conditions.set(
          "NamespacesCompliant", Status.Unknown, blind.reason(), "see condition Ready");
    }
    if (pending > 0) {
      return conditions.set(
          "NamespacesCompliant",
          Status.Unknown,
          trouble == null ? "Observing" : trouble.reason(),
          pending + " of " + selected + " namespaces are not evaluated yet");
    }
    return conditions.set(
        "NamespacesCompliant",
        Status.True,
        "Compliant",
        "all " + selected + " selected namespaces comply with the policy");
  }
}
