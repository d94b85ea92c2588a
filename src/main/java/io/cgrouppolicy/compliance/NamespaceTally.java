package io.cgrouppolicy.compliance;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicyStatus.NamespaceCounts;
import io.cgrouppolicy.compliance.Conditions.Status;
import io.cgrouppolicy.compliance.NamespaceVerdict.Trouble;
import io.cgrouppolicy.compliance.PolicyStatusFactory.Namespaces;
import io.cgrouppolicy.policy.CompiledPolicy;

/// Counts the namespaces of a policy.
final class NamespaceTally {
  private final int selected;
  private int compliant;
  private int nonCompliant;
  private int pending;
  private Trouble trouble;
  private String troubled;

  NamespaceTally(
      CompiledPolicy policy, Namespaces namespaces, Exceptions exceptions, Violations violations) {
    selected = namespaces.selected().size();
    namespaces.leaving().forEach(this::trouble);
    for (var namespace : namespaces.selected()) {
      var verdict = namespaces.verdicts().apply(namespace);
      if (verdict == null
          || verdict.leaving()
          || verdict.generation() != policy.generation()
          || !verdict.policyUid().equals(policy.uid())) {
        pending++;
        continue;
      }
      if (verdict.trouble() != null) {
        trouble(namespace, verdict.trouble());
      }
      boolean violated = false;
      for (var finding : verdict.findings()) {
        if (!exceptions.silences(finding.check(), namespace)) {
          violated = true;
          violations.add("Namespace", namespace, finding);
        }
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
