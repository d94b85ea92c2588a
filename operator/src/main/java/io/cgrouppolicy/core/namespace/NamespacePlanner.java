package io.cgrouppolicy.core.namespace;

import io.cgrouppolicy.core.check.Check;
import io.cgrouppolicy.core.check.Finding;
import io.cgrouppolicy.core.limits.Annotations;
import io.cgrouppolicy.core.limits.Child;
import io.cgrouppolicy.core.limits.Difference;
import io.cgrouppolicy.core.limits.LimitRangeClash;
import io.cgrouppolicy.core.limits.LimitRangeRules;
import io.cgrouppolicy.core.limits.ResourceQuotaRules;
import io.cgrouppolicy.core.policy.CompiledPolicy;
import io.cgrouppolicy.core.policy.PolicyBook;
import io.cgrouppolicy.core.policy.PolicyBook.Selection;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Compares the objects in a namespace with the policies that select it, and plans the writes and
/// findings.
public final class NamespacePlanner {
  private NamespacePlanner() {}

  public static Plan plan(PolicyBook book, Selection selection, Observed observed) {
    var findings = new LinkedHashMap<CompiledPolicy, List<Finding>>();
    for (var policy : selection.judging()) {
      findings.put(policy, judge(policy, owners(policy, selection), observed));
    }
    var heldBy = heldBy(book, observed);
    if (heldBy != null) {
      return new Plan(List.of(), heldBy, findings);
    }
    var steps = new ArrayList<Step>();
    var governing = selection.governing().orElse(null);
    if (governing == null) {
      observed.children().forEach(child -> remove(book, child, observed.find(child), steps));
    } else {
      enforce(governing, owners(governing, selection), observed, steps);
    }
    return new Plan(steps, null, findings);
  }

  /// The owners are all policies in mode Enforce that select the namespace: the governing one and
  /// those that would take over. When the governing policy is deleted, the garbage collector then
  /// finds another owner and keeps the object, so that the handover is an update. With
  /// deletionPolicy Orphan, the object has no owner.
  private static List<OwnerReference> owners(CompiledPolicy policy, Selection selection) {
    if (policy.orphans()) {
      return List.of();
    }
    var owners = new ArrayList<OwnerReference>();
    if (!selection.enforcing().contains(policy)) {
      owners.add(Child.owner(policy.name(), policy.uid()));
    }
    selection.enforcing().forEach(p -> owners.add(Child.owner(p.name(), p.uid())));
    return owners;
  }

  /// An invalid policy changes nothing: its objects stay until it is valid again.
  private static String heldBy(PolicyBook book, Observed observed) {
    return observed
        .children()
        .map(observed::find)
        .filter(object -> object != null && Child.isOurs(object))
        .flatMap(object -> Child.policyOf(object).flatMap(book::find).stream())
        .filter(policy -> !policy.valid())
        .map(CompiledPolicy::name)
        .findFirst()
        .orElse(null);
  }

  private static void enforce(
      CompiledPolicy policy, List<OwnerReference> owners, Observed observed, List<Step> steps) {
    var children = policy.children();
    for (var child : children) {
      boolean ready = apply(child, policy, owners, observed.find(child), steps);
      if (child.equals(Child.LIMIT_RANGE) && !ready) {
        break; // without its defaults, a quota would reject every pod that does not set them
      }
    }
    observed
        .children()
        .filter(child -> !children.contains(child))
        .forEach(child -> removeOurs(child, observed.find(child), steps));
  }

  /// Adds the step for an object, if it needs one.
  ///
  /// @return whether the object will be in place after the steps
  private static boolean apply(
      Child child,
      CompiledPolicy policy,
      List<OwnerReference> owners,
      HasMetadata found,
      List<Step> steps) {
    if (found != null && !Child.isOurs(found)) {
      return false;
    }
    var differences = differences(child, policy, owners, found);
    var surplusAnnotations = List.<String>of();
    if (found != null) {
      differences.addAll(Annotations.differences(found, policy.annotations()));
      surplusAnnotations = Annotations.surplus(found, policy.annotations());
    }
    if (found == null || !differences.isEmpty()) {
      boolean recreate = false;
      var surplus = List.<String>of();
      if (found instanceof ResourceQuota quota) {
        var desired = policy.resourceQuotas().get(child.name());
        recreate = !ResourceQuotaRules.sameScopes(desired, quota.getSpec());
        surplus = ResourceQuotaRules.surplus(desired, quota.getSpec());
      }
      var surplusOwners = found == null ? List.<String>of() : Child.surplusOwners(found, owners);
      steps.add(
          new Step.Apply(
              child,
              policy,
              owners,
              found,
              differences,
              surplus,
              surplusOwners,
              surplusAnnotations,
              recreate));
    }
    return true;
  }

  /// Without those of annotations, which only inform, so that they are no violation.
  private static List<Difference> differences(
      Child child, CompiledPolicy policy, List<OwnerReference> owners, HasMetadata found) {
    var differences = new ArrayList<Difference>();
    switch (found) {
      case null -> {
        return differences;
      }
      case LimitRange limitRange ->
          differences.addAll(
              LimitRangeRules.differences(policy.limitRange(), limitRange.getSpec()));
      case ResourceQuota quota ->
          differences.addAll(
              ResourceQuotaRules.differences(
                  policy.resourceQuotas().get(child.name()), quota.getSpec()));
      default -> throw new IllegalArgumentException(child + ": " + found.getKind());
    }
    differences.addAll(Child.differences(found, policy.name(), owners));
    return differences;
  }

  private static void removeOurs(Child child, HasMetadata found, List<Step> steps) {
    if (found != null && Child.isOurs(found)) {
      steps.add(new Step.Delete(child, found));
    }
  }

  /// Without a governing policy, removes an object whose policy exists, enforces and no longer
  /// selects the namespace. An object of an auditing policy stays. An object without its policy is
  /// left to the garbage collector, or is an intended orphan, unless another policy that exists
  /// owns it too: the collector would keep it for that one.
  private static void remove(PolicyBook book, Child child, HasMetadata found, List<Step> steps) {
    if (found != null && Child.isOurs(found)) {
      var policy = Child.policyOf(found).flatMap(book::find);
      if (policy.map(CompiledPolicy::enforces).orElseGet(() -> ownedByAny(book, found))) {
        steps.add(new Step.Delete(child, found));
      }
    }
  }

  private static boolean ownedByAny(PolicyBook book, HasMetadata found) {
    var owners = Child.policyOwners(found);
    return book.policies().stream().anyMatch(policy -> owners.contains(policy.uid()));
  }

  private static List<Finding> judge(
      CompiledPolicy policy, List<OwnerReference> owners, Observed observed) {
    var findings = new ArrayList<Finding>();
    if (policy.limitRange() != null) {
      var unsafe = policy.limitsWithoutDefault();
      if (!unsafe.isEmpty()) {
        findings.add(
            Finding.of(
                Check.LimitRangeWithoutDefaults,
                "a default for each bound of huge pages or an extended resource",
                "none",
                "LimitRange " + Child.NAME + ": " + String.join("; ", unsafe)));
      }
      var others = observed.otherLimitRanges();
      for (var other : others) {
        conflict(policy, other, others).ifPresent(findings::add);
      }
      compare(
          Child.LIMIT_RANGE,
          policy,
          owners,
          observed.limitRange(),
          Check.LimitRangeMissing,
          Check.LimitRangeDrifted,
          Check.LimitRangeConflict,
          findings);
    }
    for (var name : policy.resourceQuotas().keySet()) {
      compare(
          Child.quota(name),
          policy,
          owners,
          observed.resourceQuotas().get(name),
          Check.ResourceQuotaMissing,
          Check.ResourceQuotaDrifted,
          Check.ResourceQuotaConflict,
          findings);
      QuotaFindings.add(policy, name, observed, findings);
    }
    return findings;
  }

  /// Reports a LimitRange that is not ours if it contradicts ours, or rejects every pod together
  /// with a third one.
  private static Optional<Finding> conflict(
      CompiledPolicy policy, LimitRange other, List<LimitRange> others) {
    var name = other.getMetadata().getName();
    var clashes =
        new ArrayList<>(
            LimitRangeClash.between(name, other.getSpec(), Child.NAME, policy.limitRange()));
    for (var third : others.subList(others.indexOf(other) + 1, others.size())) {
      clashes.addAll(
          LimitRangeClash.rejections(
              name, other.getSpec(), third.getMetadata().getName(), third.getSpec()));
    }
    return clashes.stream()
        .findFirst()
        .map(
            clash ->
                Finding.of(
                    Check.LimitRangeConflict,
                    "no LimitRange that contradicts the policy's",
                    name,
                    "LimitRange " + name + " is not managed by the operator; " + clash));
  }

  private static void compare(
      Child child,
      CompiledPolicy policy,
      List<OwnerReference> owners,
      HasMetadata found,
      Check missing,
      Check drifted,
      Check conflict,
      List<Finding> findings) {
    var title = child.kind() + " " + child.name();
    if (found == null) {
      findings.add(Finding.of(missing, child.name(), "absent", title + " is missing"));
    } else if (!Child.isOurs(found)) {
      findings.add(
          Finding.of(
              conflict,
              "managed by " + Child.MANAGER,
              child.name(),
              title + " exists and is not managed by " + Child.MANAGER + "; rename or delete it"));
    } else {
      var differences = differences(child, policy, owners, found);
      if (!differences.isEmpty()) {
        findings.add(Difference.finding(drifted, differences, title + ": ", ""));
      }
    }
  }
}
