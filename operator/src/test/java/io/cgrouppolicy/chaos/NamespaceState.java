package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.DeletionPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Rollout;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What the policies say about the objects of a namespace, and what is wrong with them.
///
/// @param children the objects with names that the operator uses
/// @param enforcing the policies in mode Enforce that select it, the governing one first
record NamespaceState(
    World world,
    Namespace namespace,
    Map<String, HasMetadata> children,
    List<CgroupPolicy> enforcing) {

  static NamespaceState of(World world, Namespace namespace) {
    return new NamespaceState(
        world, namespace, world.children(World.name(namespace)), world.enforcing(namespace));
  }

  /// @param check the suffix of the check: Missing, Drifted or Conflict; empty if it is no
  ///     violation
  private record Wrong(String check, String what) {}

  String name() {
    return World.name(namespace);
  }

  /// Whether an invalid policy keeps its objects here as they are.
  boolean held() {
    return children.values().stream()
        .map(Marks::policyOf)
        .anyMatch(
            name ->
                world.policies().stream()
                    .anyMatch(p -> World.invalid(p) && World.name(p).equals(name)));
  }

  /// Whether the governing policy holds back its objects, because they would reject pods.
  boolean waits() {
    return !held()
        && !enforcing.isEmpty()
        && enforcing.getFirst().getSpec().rollout() == Rollout.WhenSafe
        && !unfinished().isEmpty()
        && !Recreation.of(enforcing.getFirst(), world, name()).safe();
  }

  /// What the operator must still change here.
  List<String> differences() {
    return held() || waits() ? List.of() : unfinished();
  }

  private List<String> unfinished() {
    var problems = new ArrayList<String>();
    if (enforcing.isEmpty()) {
      children.forEach((child, object) -> mayStay(child, object, problems));
      return problems;
    }
    var governing = enforcing.getFirst();
    var templates = Templates.of(governing);
    children.forEach(
        (child, object) -> {
          if (Marks.isOurs(object) && !templates.containsKey(child)) {
            problems.add(child + " is not in policy " + World.name(governing));
          }
        });
    var wrong = wrong(governing);
    var limitRange = wrong.get(Templates.LIMIT_RANGE);
    if (limitRange != null && limitRange.check.equals("Conflict")) {
      return problems; // without the policy's defaults, its quota would reject pods
    }
    wrong.forEach(
        (child, problem) -> {
          if (!problem.check.equals("Conflict")) {
            problems.add(child + problem.what);
          }
        });
    return problems;
  }

  /// An object in a namespace that no policy governs may be an orphan, or one of a policy that
  /// changed to mode Audit, which writes nothing.
  private void mayStay(String child, HasMetadata object, List<String> problems) {
    var name = Marks.policyOf(object);
    var owners = Marks.owners(object);
    var policy = world.policies().stream().filter(p -> World.name(p).equals(name)).findFirst();
    boolean audited = policy.isPresent() && !World.enforces(policy.get());
    boolean orphan = policy.isEmpty() && owners.isEmpty();
    if (Marks.isOurs(object) && !audited && !orphan) {
      var state = policy.isPresent() ? "which does not govern here" : "which was deleted";
      problems.add(child + ": is left of policy %s, %s; owners %s".formatted(name, state, owners));
    }
  }

  /// What is wrong with the objects of a policy that judges this namespace, by object.
  private Map<String, Wrong> wrong(CgroupPolicy policy) {
    var owners = new HashSet<String>();
    if (policy.getSpec().deletionPolicy() != DeletionPolicy.Orphan) {
      owners.add(policy.getMetadata().getUid());
      enforcing.forEach(other -> owners.add(other.getMetadata().getUid()));
    }
    var wrong = new TreeMap<String, Wrong>();
    Templates.of(policy)
        .forEach(
            (child, template) -> {
              var problem = wrong(policy, template, owners, children.get(child));
              if (problem != null) {
                wrong.put(child, problem);
              }
            });
    return wrong;
  }

  private Wrong wrong(CgroupPolicy policy, Object template, Set<String> owners, HasMetadata found) {
    if (found == null) {
      return new Wrong("Missing", " of " + World.name(policy) + " is missing");
    }
    if (!Marks.isOurs(found)) {
      return new Wrong("Conflict", " belongs to another client");
    }
    if (!Templates.matches(template, found)) {
      return new Wrong("Drifted", " differs from " + World.name(policy));
    }
    if (!Marks.labels(found).entrySet().containsAll(Marks.labels(policy).entrySet())) {
      return new Wrong("Drifted", " has labels " + Marks.labels(found));
    }
    if (!owners.equals(Marks.owners(found).keySet())) {
      return new Wrong("Drifted", " has owners " + Marks.owners(found) + ", not " + owners);
    }
    if (!Marks.annotations(policy, name()).equals(Marks.annotations(found))) {
      return new Wrong("", " has annotations " + Marks.annotations(found));
    }
    return null;
  }

  /// Whether a policy has a violation here: certainly, or possibly. The operator may know more
  /// about the objects of other clients, and about those that it may not change.
  Range violates(CgroupPolicy policy) {
    var foreign = world.foreign(name());
    var wrong = wrong(policy);
    wrong.values().removeIf(problem -> problem.check.isEmpty());
    var checks =
        wrong.entrySet().stream()
            .map(problem -> problem.getKey().split(" ")[0] + problem.getValue().check)
            .collect(Collectors.toSet());
    var ours = Limits.of(policy);
    if (foreign.stream()
        .flatMap(other -> Limits.of(other).stream())
        .anyMatch(other -> ours.stream().anyMatch(item -> item.contradicts(other)))) {
      checks.add("LimitRangeConflict");
    }
    boolean unclear =
        held() || wrong.containsKey(Templates.LIMIT_RANGE) || !foreign.isEmpty() && !ours.isEmpty();
    boolean violates = checks.stream().anyMatch(check -> !World.exempt(policy, check, name()));
    return Range.of(violates, violates || unclear);
  }
}
