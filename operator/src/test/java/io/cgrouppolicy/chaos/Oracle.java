package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.DeletionPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Rollout;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Computes from the objects of a cluster what the policies say about it, and where it differs.
///
/// Written from `docs/concepts.md` and `docs/status.md`, and without `io.cgrouppolicy.core`: a
/// mistake that it shared with the operator would stay hidden. For a calm cluster only: an operator
/// needs a moment after each change.
public final class Oracle {
  private static final String MANAGER = "cgroup-policy-operator";
  private static final String POLICY = "cgroup-policy.io/policy";
  private static final String LIMIT_RANGE = "LimitRange cgroup-policy";

  private final World world;
  private final List<String> differences = new ArrayList<>();
  private final Map<CgroupPolicy, Counts> counts = new TreeMap<>(World.PRECEDENCE);

  /// What the status of a policy must count.
  private static final class Counts {
    int namespaces;
    int violated;
    int unclear; // may be in violation
    int held; // by the objects of an invalid policy
    int waiting;
    int pods;
    int nodes;

    @Override
    public String toString() {
      return "%d namespaces: %d in violation, %d may be, %d held"
          .formatted(namespaces, violated, unclear, held);
    }
  }

  Oracle(World world) {
    this.world = world;
    world.policies().forEach(policy -> counts.put(policy, new Counts()));
    world.namespaces().forEach(this::namespace);
    for (var node : world.nodes()) {
      world.judging(node).forEach(policy -> counts.get(policy).nodes++);
    }
    counts.forEach(this::status);
  }

  /// Reads all objects once.
  public static Oracle of(KubernetesClient admin) {
    return of(admin, "");
  }

  /// @param prefix what the names of the policies and namespaces to look at start with
  public static Oracle of(KubernetesClient admin, String prefix) {
    return new Oracle(World.read(admin, prefix));
  }

  /// Where the cluster differs from what the policies say, in words; empty if it does not.
  public List<String> differences() {
    return List.copyOf(differences);
  }

  private void say(String where, String format, Object... arguments) {
    differences.add(where + ": " + format.formatted(arguments));
  }

  private void namespace(Namespace namespace) {
    var name = World.name(namespace);
    var found = world.children(name);
    var enforcing = world.enforcing(namespace);
    boolean held = found.values().stream().anyMatch(this::ofInvalidPolicy);
    boolean waits = false;
    if (!held && enforcing.isEmpty()) {
      found.forEach((child, object) -> mayStay(name + ": " + child, object));
    } else if (!held) {
      var governing = enforcing.getFirst();
      var problems = surplus(governing, found);
      var wrong = wrong(governing, enforcing, found);
      var limitRange = wrong.get(LIMIT_RANGE);
      if (limitRange != null && limitRange.check.equals("Conflict")) {
        wrong.clear(); // without the policy's defaults, its quota would reject pods
      }
      wrong.forEach(
          (child, problem) -> {
            if (!problem.check.equals("Conflict")) {
              problems.add(child + problem.what);
            }
          });
      waits =
          governing.getSpec().rollout() == Rollout.WhenSafe
              && !problems.isEmpty()
              && Rejections.possible(governing, world.podsIn(name));
      if (!waits) {
        problems.forEach(problem -> say(name, problem));
      }
    }
    for (var policy : world.judging(namespace)) {
      var owners = new ArrayList<>(enforcing);
      if (!World.enforces(policy)) {
        owners.add(policy);
      }
      count(policy, name, wrong(policy, owners, found), held);
    }
    if (waits) {
      counts.get(enforcing.getFirst()).waiting++;
    }
  }

  private static List<String> surplus(CgroupPolicy policy, Map<String, HasMetadata> found) {
    var expected = Templates.of(policy).keySet();
    return found.entrySet().stream()
        .filter(child -> isOurs(child.getValue()) && !expected.contains(child.getKey()))
        .map(child -> child.getKey() + " is not in policy " + World.name(policy))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /// An object in a namespace that no policy governs: an orphan, or one of a policy that changed to
  /// mode Audit, which writes nothing.
  private void mayStay(String child, HasMetadata object) {
    var name = policyOf(object);
    var policy = world.policies().stream().filter(p -> World.name(p).equals(name)).findFirst();
    boolean audited = policy.isPresent() && !World.enforces(policy.get());
    boolean orphan = policy.isEmpty() && owners(object).isEmpty();
    if (isOurs(object) && !audited && !orphan) {
      var state = policy.isPresent() ? "which does not govern here" : "which was deleted";
      say(child, "is left of policy %s, %s; owners %s", name, state, owners(object));
    }
  }

  private boolean ofInvalidPolicy(HasMetadata object) {
    var name = policyOf(object);
    return world.policies().stream().anyMatch(p -> World.invalid(p) && World.name(p).equals(name));
  }

  /// @param check the suffix of the check: Missing, Drifted or Conflict
  private record Wrong(String check, String what) {}

  /// What is wrong with a policy's objects, by object.
  ///
  /// @param owners the policies that must own them
  private static Map<String, Wrong> wrong(
      CgroupPolicy policy, List<CgroupPolicy> owners, Map<String, HasMetadata> found) {
    var wrong = new TreeMap<String, Wrong>();
    var uids =
        policy.getSpec().deletionPolicy() == DeletionPolicy.Orphan
            ? Set.of()
            : owners.stream().map(p -> p.getMetadata().getUid()).collect(Collectors.toSet());
    var expected = Map.of("app.kubernetes.io/managed-by", MANAGER, POLICY, World.name(policy));
    Templates.of(policy)
        .forEach(
            (child, template) -> {
              var object = found.get(child);
              if (object == null) {
                wrong.put(child, new Wrong("Missing", " of " + World.name(policy) + " is missing"));
              } else if (!isOurs(object)) {
                wrong.put(child, new Wrong("Conflict", " belongs to another client"));
              } else if (!Templates.matches(template, object)) {
                wrong.put(child, new Wrong("Drifted", " differs from " + World.name(policy)));
              } else if (!labels(object).entrySet().containsAll(expected.entrySet())) {
                wrong.put(child, new Wrong("Drifted", " has labels " + labels(object)));
              } else if (!uids.equals(owners(object).keySet())) {
                wrong.put(
                    child, new Wrong("Drifted", " has owners " + owners(object) + ", not " + uids));
              }
            });
    return wrong;
  }

  private void count(
      CgroupPolicy policy, String namespace, Map<String, Wrong> wrong, boolean held) {
    var count = counts.get(policy);
    count.namespaces++;
    count.pods += world.podsIn(namespace).size();
    count.held += held ? 1 : 0;
    var checks = new HashSet<String>();
    wrong.forEach((child, problem) -> checks.add(child.split(" ")[0] + problem.check));
    boolean unclear = held || wrong.containsKey(LIMIT_RANGE);
    for (var other : world.limitRanges()) {
      if (other.getMetadata().getNamespace().equals(namespace)
          && !isOurs(other)
          && policy.getSpec().namespaces().limitRange() != null) {
        if (Templates.otherDefaults(policy, other)) {
          checks.add("LimitRangeConflict");
        }
        unclear = true;
      }
    }
    checks.removeIf(check -> exempt(policy, check, namespace));
    if (!checks.isEmpty()) {
      count.violated++;
    } else if (unclear) {
      count.unclear++;
    }
  }

  private static boolean exempt(CgroupPolicy policy, String check, String namespace) {
    return policy.getSpec().exceptions() != null
        && policy.getSpec().exceptions().stream()
            .filter(e -> e.expires() == null || Instant.parse(e.expires()).isAfter(Instant.now()))
            .filter(e -> e.check().name().equals(check) && e.namespaces() != null)
            .flatMap(e -> e.namespaces().stream())
            .anyMatch(glob -> World.matchesGlob(glob, namespace));
  }

  private void status(CgroupPolicy policy, Counts expected) {
    var where = "policy " + World.name(policy);
    var status = policy.getStatus();
    var generation = policy.getMetadata().getGeneration();
    if (status == null || !generation.equals(status.observedGeneration())) {
      say(where, "has no status of generation %s", generation);
      return;
    }
    for (var condition : status.conditions()) {
      if ("Observing".equals(condition.getReason())) {
        say(where, "%s is still Observing: %s", condition.getType(), condition.getMessage());
      }
      if (!generation.equals(condition.getObservedGeneration())) {
        say(
            where,
            "%s is of generation %s",
            condition.getType(),
            condition.getObservedGeneration());
      }
    }
    if (World.invalid(policy)) {
      return;
    }
    var ready = condition(policy, "Ready");
    if (!(World.enforces(policy) ? "Enforced" : "Audited").equals(ready.getReason())
        && !(expected.held > 0 && ready.getReason().equals("HeldByInvalidPolicy"))) {
      say(where, "is not Ready: %s: %s", ready.getReason(), ready.getMessage());
    }
    namespaces(where, policy, expected);
    var workloads = status.workloads();
    if ((workloads == null) != (policy.getSpec().workloads() == null)
        || workloads != null
            && (workloads.pods() != expected.pods
                || workloads.compliant() + workloads.nonCompliant() != expected.pods)) {
      say(where, "counts %s; it has %d pods", workloads, expected.pods);
    }
    var nodes = status.nodes();
    if ((nodes == null) != (policy.getSpec().nodes() == null)
        || nodes != null
            && (nodes.selected() != expected.nodes
                || nodes.compliant() + nodes.drifted() + nodes.unknown() + nodes.notApplicable()
                    != expected.nodes)) {
      say(where, "counts %s; it has %d nodes", nodes, expected.nodes);
    }
    var byCheck = status.violationsByCheck();
    int sum = byCheck == null ? 0 : byCheck.values().stream().mapToInt(n -> n).sum();
    int listed = status.violations() == null ? 0 : status.violations().size();
    if (sum != status.violationCount() || listed != Math.min(100, sum)) {
      say(where, "counts %d violations, lists %d: %s", status.violationCount(), listed, byCheck);
    }
  }

  private void namespaces(String where, CgroupPolicy policy, Counts expected) {
    var status = policy.getStatus();
    var counts = status.namespaces();
    if ((counts == null) != (policy.getSpec().namespaces() == null)) {
      say(where, "has a wrong section of namespaces: %s", counts);
    }
    if (counts == null) {
      return;
    }
    if (counts.selected() != expected.namespaces
        || counts.pending() > expected.held
        || counts.compliant() + counts.nonCompliant() + counts.pending() != expected.namespaces
        || counts.nonCompliant() < expected.violated
        || counts.nonCompliant() > expected.violated + expected.unclear
        || !counts.summary().equals(counts.compliant() + "/" + expected.namespaces)) {
      say(where, "counts %s instead of %s", counts, expected);
    }
    if (status.preview() != null && status.preview().waiting() != expected.waiting) {
      say(
          where,
          "counts %d waiting namespaces, not %d",
          status.preview().waiting(),
          expected.waiting);
    }
    var compliant = condition(policy, "NamespacesCompliant").getStatus();
    if (counts.nonCompliant() > 0 != compliant.equals("False")) {
      say(where, "has NamespacesCompliant %s and %s", compliant, counts);
    }
  }

  static Condition condition(CgroupPolicy policy, String type) {
    var status = policy.getStatus();
    return status == null || status.conditions() == null
        ? null
        : status.conditions().stream()
            .filter(condition -> condition.getType().equals(type))
            .findFirst()
            .orElse(null);
  }

  /// Whether the operator wrote an object, and so may change it.
  private static boolean isOurs(HasMetadata object) {
    return MANAGER.equals(labels(object).get("app.kubernetes.io/managed-by"))
        || !owners(object).isEmpty()
        || object.getMetadata().getManagedFields().stream()
            .anyMatch(fields -> MANAGER.equals(fields.getManager()));
  }

  private static Map<String, String> labels(HasMetadata object) {
    return object.getMetadata().getLabels() == null ? Map.of() : object.getMetadata().getLabels();
  }

  /// The policy that an object belongs to: by its label, which another client may have removed, or
  /// by its first owner.
  private static String policyOf(HasMetadata object) {
    var owner = owners(object).values().stream().findFirst().orElse(null);
    return labels(object).getOrDefault(POLICY, owner);
  }

  /// The names of the policies that own an object, by uid.
  private static Map<String, String> owners(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(owner -> owner.getKind().equals("CgroupPolicy"))
        .collect(
            Collectors.toMap(
                OwnerReference::getUid, OwnerReference::getName, (a, b) -> a, LinkedHashMap::new));
  }
}
