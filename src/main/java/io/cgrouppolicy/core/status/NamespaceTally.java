package io.cgrouppolicy.core.status;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NamespaceCounts;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.PreviewCounts;
import io.cgrouppolicy.core.check.Check.Area;
import io.cgrouppolicy.core.check.Trouble;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.status.Conditions.Status;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.core.status.PolicyStatusFactory.Workloads;

/// Counts the namespaces of a policy, and what its objects would do to the pods in them.
final class NamespaceTally {
  private final int selected;
  private int compliant;
  private int nonCompliant;
  private int pending;
  private int waiting;
  private int wouldChange;
  private int wouldReject;

  /// What keeps the operator from telling what the objects would do, or null.
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

  /// Of several, the one of the first namespace by name, so that the status is the same each time.
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

  /// How many namespaces wait for their objects.
  int waiting() {
    return waiting;
  }

  /// What keeps the operator from judging or writing somewhere, or null.
  Trouble trouble() {
    return trouble == null
        ? null
        : new Trouble(trouble.reason(), "namespace " + troubled + ": " + trouble.message());
  }

  /// What is not judged yet, or null.
  String observing() {
    return pending > 0 && trouble == null ? pending + " namespaces are not judged yet" : null;
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
          pending + " of " + selected + " namespaces are not judged yet");
    }
    return conditions.set(
        "NamespacesCompliant",
        Status.True,
        "Compliant",
        "all " + selected + " selected namespaces are as the policy says");
  }
}
