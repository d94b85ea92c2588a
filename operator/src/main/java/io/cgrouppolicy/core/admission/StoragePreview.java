package io.cgrouppolicy.core.admission;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.check.WorkloadFinding;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Previews what a policy's LimitRange and ResourceQuotas would do to the PersistentVolumeClaims of
/// a namespace. What exists stays; the preview finds the claims that could not be created again,
/// the StatefulSets whose further claims would be rejected, and the quotas that are exceeded
/// already.
public final class StoragePreview {
  private final String namespace;
  private final CompiledPolicy policy;
  private final LimitRanger limits;
  private final List<QuotaEvaluator> quotas;
  private final List<WorkloadFinding> findings = new ArrayList<>();

  private StoragePreview(CompiledPolicy policy, String namespace) {
    this.namespace = namespace;
    this.policy = policy;
    limits = new LimitRanger(Stream.ofNullable(policy.limitRange()).toList());
    quotas = Preview.quotas(policy);
  }

  /// The findings of check WouldReject.
  ///
  /// @param claims the claims of the namespace
  /// @param sets its StatefulSets with claim templates
  public static List<WorkloadFinding> of(
      CompiledPolicy policy,
      String namespace,
      Collection<Claim> claims,
      Collection<ClaimTemplates> sets) {
    var preview = new StoragePreview(policy, namespace);
    preview.limitRange(claims, sets);
    preview.quotas.forEach(quota -> preview.quota(quota, claims, sets));
    return preview.findings;
  }

  private void limitRange(Collection<Claim> claims, Collection<ClaimTemplates> sets) {
    for (var set : sets) {
      for (var template : set.templates()) {
        limits
            .rejection(template)
            .ifPresent(
                reason ->
                    add(
                        "StatefulSet",
                        set.statefulSet(),
                        "new claims of its template "
                            + template.name()
                            + " would be rejected: "
                            + reason));
      }
    }
    var rejected =
        claims.stream()
            .filter(claim -> sets.stream().noneMatch(set -> set.has(claim.name())))
            .filter(claim -> limits.rejection(claim).isPresent())
            .sorted(Comparator.comparing(Claim::name))
            .toList();
    if (!rejected.isEmpty()) { // one finding: there may be thousands
      var first = rejected.getFirst();
      add(
          "PersistentVolumeClaim",
          first.name(),
          "would be rejected when next created"
              + (rejected.size() == 1 ? "" : ", like " + (rejected.size() - 1) + " more")
              + ": "
              + limits.rejection(first).orElseThrow());
    }
  }

  private void quota(
      QuotaEvaluator quota, Collection<Claim> claims, Collection<ClaimTemplates> sets) {
    var used = new ResourceList();
    claims.forEach(claim -> used.add(quota.usage(claim)));
    quota
        .belowUsage(used)
        .forEach(text -> add("Namespace", namespace, policy.describe(quota.name()) + text));
    var existing = claims.stream().map(Claim::name).collect(Collectors.toSet());
    for (var set : sets) {
      var sum = new ResourceList();
      sum.add(used);
      for (var claim : set.claims().filter(c -> !existing.contains(c.name())).toList()) {
        var usage = quota.usage(claim);
        var rejection = quota.exceeded(usage, sum);
        if (rejection.isPresent()) {
          add(
              "StatefulSet",
              set.statefulSet(),
              "its claim " + claim.name() + " would be rejected: " + rejection.get());
          break;
        }
        sum.add(usage);
      }
    }
  }

  private void add(String kind, String name, String text) {
    var message = kind.equals("Namespace") ? text : namespace + "/" + name + ": " + text;
    findings.add(
        new WorkloadFinding(
            kind, name, Finding.of(Check.WouldReject, "admitted", "rejected", message)));
  }
}
