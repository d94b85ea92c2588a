package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.DeletionPolicy;
import io.cgrouppolicy.api.v1alpha1.CgroupPolicySpec.Rollout;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
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

  private final World world;
  private final List<String> differences = new ArrayList<>();
  private final Map<CgroupPolicy, Counts> counts = new TreeMap<>(World.PRECEDENCE);

  /// What the status of a policy must count.
  private static final class Counts {
    int namespaces;
    int violated;
    int undecided; // may be in violation
    int pods;
    int nodes;
  }

  private Oracle(World world) {
    this.world = world;
    world.policies().forEach(policy -> counts.put(policy, new Counts()));
    world.namespaces().forEach(this::children);
    world.namespaces().forEach(this::count);
    for (var node : world.nodes()) {
      world.judging(node).forEach(policy -> counts.get(policy).nodes++);
    }
    counts.forEach(this::status);
  }

  /// Reads all objects once.
  public static Oracle of(KubernetesClient admin) {
    return new Oracle(World.read(admin));
  }

  /// Where the cluster differs from what the policies say, in words; empty if it does not.
  public List<String> differences() {
    return List.copyOf(differences);
  }

  private void say(String where, String format, Object... arguments) {
    differences.add(where + ": " + format.formatted(arguments));
  }

  private void children(Namespace namespace) {
    var found = world.children(World.name(namespace));
    var enforcing = world.enforcing(namespace);
    if (found.values().stream().anyMatch(this::ofInvalidPolicy)) {
      return; // they stay as they are
    }
    if (enforcing.isEmpty()) {
      found.forEach((child, object) -> mayStay(World.name(namespace) + ": " + child, object));
      return;
    }
    var governing = enforcing.getFirst();
    if (governing.getSpec().rollout() == Rollout.WhenSafe) {
      return; // may wait
    }
    var templates = Templates.of(governing);
    found.forEach(
        (child, object) -> {
          if (isOurs(object) && !templates.containsKey(child)) {
            say(World.name(namespace), "%s is not in policy %s", child, World.name(governing));
          }
        });
    wrong(governing, enforcing, found)
        .forEach((child, problem) -> say(World.name(namespace), "%s %s", child, problem));
  }

  /// An object in a namespace that no policy governs: an orphan, or one of a policy that changed to
  /// mode Audit, which writes nothing.
  private void mayStay(String child, HasMetadata object) {
    var label = label(object, POLICY);
    var policy = world.policies().stream().filter(p -> World.name(p).equals(label)).findFirst();
    boolean audited = policy.isPresent() && !World.enforces(policy.get());
    boolean orphan = policy.isEmpty() && owners(object).isEmpty();
    if (isOurs(object) && !audited && !orphan) {
      say(child, "is left of policy %s; owners %s", label, owners(object).values());
    }
  }

  private boolean ofInvalidPolicy(HasMetadata object) {
    return world.policies().stream()
        .anyMatch(p -> World.invalid(p) && World.name(p).equals(label(object, POLICY)));
  }

  /// What is wrong with a policy's objects, by object.
  ///
  /// @param owners the policies that must own them
  private static Map<String, String> wrong(
      CgroupPolicy policy, List<CgroupPolicy> owners, Map<String, HasMetadata> found) {
    var wrong = new TreeMap<String, String>();
    var uids =
        policy.getSpec().deletionPolicy() == DeletionPolicy.Orphan
            ? Set.of()
            : owners.stream().map(p -> p.getMetadata().getUid()).collect(Collectors.toSet());
    var labels =
        Map.of("app.kubernetes.io/managed-by", MANAGER, POLICY, World.name(policy)).entrySet();
    Templates.of(policy)
        .forEach(
            (child, template) -> {
              var object = found.get(child);
              if (object == null) {
                wrong.put(child, "of policy " + World.name(policy) + " is missing");
              } else if (!isOurs(object)) {
                wrong.put(child, "belongs to another client");
              } else if (!Templates.matches(template, object)) {
                wrong.put(child, "differs from policy " + World.name(policy));
              } else if (!labels(object).entrySet().containsAll(labels)) {
                wrong.put(child, "has labels " + labels(object));
              } else if (!uids.equals(owners(object).keySet())) {
                wrong.put(child, "has owners " + owners(object) + " instead of " + uids);
              }
            });
    return wrong;
  }

  private void count(Namespace namespace) {
    var name = World.name(namespace);
    var found = world.children(name);
    boolean unclear =
        found.values().stream().anyMatch(this::ofInvalidPolicy)
            || world.limitRanges().stream()
                .anyMatch(l -> l.getMetadata().getNamespace().equals(name) && !isOurs(l));
    for (var policy : world.judging(namespace)) {
      var owners = new ArrayList<>(world.enforcing(namespace));
      if (!World.enforces(policy)) {
        owners.add(policy);
      }
      var count = counts.get(policy);
      count.namespaces++;
      count.pods += world.podsIn(name).size();
      if (unclear
          || policy.getSpec().exceptions() != null
          || policy.getSpec().rollout() == Rollout.WhenSafe) {
        count.undecided++;
      } else if (!wrong(policy, owners, found).isEmpty()) {
        count.violated++;
      }
    }
  }

  private void status(CgroupPolicy policy, Counts expected) {
    var where = "policy " + World.name(policy);
    var status = policy.getStatus();
    if (status == null || status.conditions() == null) {
      say(where, "has no conditions");
      return;
    }
    if (!policy.getMetadata().getGeneration().equals(status.observedGeneration())) {
      say(
          where,
          "is in generation %s, its status in %s",
          policy.getMetadata().getGeneration(),
          status.observedGeneration());
      return;
    }
    for (var condition : status.conditions()) {
      if ("Observing".equals(condition.getReason())) {
        say(where, "%s is still Observing: %s", condition.getType(), condition.getMessage());
      }
      if (!status.observedGeneration().equals(condition.getObservedGeneration())) {
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
    if (ready == null
        || !ready.getReason().equals(World.enforces(policy) ? "Enforced" : "Audited")) {
      say(where, "is not Ready: %s", ready);
    }
    namespaces(where, policy, expected);
    var workloads = status.workloads();
    if (workloads != null
        && (workloads.pods() != expected.pods
            || workloads.compliant() + workloads.nonCompliant() != expected.pods)) {
      say(where, "counts %s, not %d pods", workloads, expected.pods);
    }
    var nodes = status.nodes();
    if (nodes != null
        && (nodes.selected() != expected.nodes
            || nodes.compliant() + nodes.drifted() + nodes.unknown() + nodes.notApplicable()
                != expected.nodes)) {
      say(where, "counts %s, not %d nodes", nodes, expected.nodes);
    }
    var byCheck = status.violationsByCheck();
    int sum = byCheck == null ? 0 : byCheck.values().stream().mapToInt(n -> n).sum();
    if (sum != status.violationCount()
        || status.violations().size() != Math.min(100, status.violationCount())) {
      say(
          where,
          "counts %d violations, lists %d, and has %s",
          status.violationCount(),
          status.violations().size(),
          byCheck);
    }
  }

  private void namespaces(String where, CgroupPolicy policy, Counts expected) {
    var counts = policy.getStatus().namespaces();
    if ((counts == null) != (policy.getSpec().namespaces() == null)) {
      say(where, "has counters of namespaces %s", counts);
    }
    if (counts == null) {
      return;
    }
    if (counts.selected() != expected.namespaces
        || counts.pending() != 0
        || counts.compliant() + counts.nonCompliant() != expected.namespaces
        || counts.nonCompliant() < expected.violated
        || counts.nonCompliant() > expected.violated + expected.undecided
        || !counts.summary().equals(counts.compliant() + "/" + expected.namespaces)) {
      say(
          where,
          "counts %s; it judges %d, of which %d are in violation and %d may be",
          counts,
          expected.namespaces,
          expected.violated,
          expected.undecided);
    }
    var status = condition(policy, "NamespacesCompliant").getStatus();
    if (counts.selected() > 0 && !status.equals(counts.nonCompliant() > 0 ? "False" : "True")) {
      say(where, "has NamespacesCompliant %s with %s", status, counts);
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
    return MANAGER.equals(label(object, "app.kubernetes.io/managed-by"))
        || !owners(object).isEmpty()
        || object.getMetadata().getManagedFields().stream()
            .anyMatch(fields -> MANAGER.equals(fields.getManager()));
  }

  private static Map<String, String> labels(HasMetadata object) {
    return object.getMetadata().getLabels() == null ? Map.of() : object.getMetadata().getLabels();
  }

  private static String label(HasMetadata object, String key) {
    return labels(object).get(key);
  }

  /// The names of the policies that own an object, by uid.
  private static Map<String, String> owners(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(owner -> owner.getKind().equals("CgroupPolicy"))
        .collect(Collectors.toMap(OwnerReference::getUid, OwnerReference::getName));
  }
}
