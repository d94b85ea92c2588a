package io.cgrouppolicy.chaos;

import io.cgrouppolicy.api.v1alpha1.CgroupPolicy;
import io.cgrouppolicy.chaos.World.Kubelet;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Where a cluster differs from what its policies say. [NamespaceState], [Pods] and [Nodes] compute
/// that from its objects, and this class compares.
///
/// Written from `docs`, and without `io.cgrouppolicy.core`: a mistake that it shared with the
/// operator would stay hidden. For a calm cluster only: an operator needs a moment after each
/// change.
public final class Oracle {
  private final World world;
  private final List<NamespaceState> namespaces;
  private final List<String> differences = new ArrayList<>();

  Oracle(World world) {
    this.world = world;
    this.namespaces =
        world.namespaces().stream().map(namespace -> NamespaceState.of(world, namespace)).toList();
    for (var namespace : namespaces) {
      namespace.differences().forEach(problem -> say(namespace.name(), "%s", problem));
    }
    world.policies().forEach(this::status);
  }

  /// Reads all objects once.
  ///
  /// @param kubelets by node
  public static Oracle of(KubernetesClient admin, Map<String, Kubelet> kubelets) {
    return new Oracle(World.read(admin, "", kubelets));
  }

  /// Which policies have no verdict on their current version yet. Reads nothing but the policies:
  /// reading thousands of namespaces again and again would take CPU from the operator.
  static List<String> undecided(KubernetesClient admin) {
    var oracle = new Oracle(World.of(List.of()));
    admin
        .resources(CgroupPolicy.class)
        .list()
        .getItems()
        .forEach(policy -> oracle.decided("policy " + World.name(policy), policy));
    return oracle.differences();
  }

  /// @param prefix what the names of the policies and namespaces to look at start with
  public static Oracle of(KubernetesClient admin, String prefix) {
    return new Oracle(World.read(admin, prefix, Map.of()));
  }

  /// Where the cluster differs from what the policies say, in words; empty if it does not.
  public List<String> differences() {
    return List.copyOf(differences);
  }

  private void say(String where, String format, Object... arguments) {
    differences.add(where + ": " + format.formatted(arguments));
  }

  private void status(CgroupPolicy policy) {
    var where = "policy " + World.name(policy);
    if (!decided(where, policy) || World.invalid(policy)) {
      return;
    }
    var judged = namespaces.stream().filter(n -> world.judges(policy, n.namespace())).toList();
    boolean held = judged.stream().anyMatch(NamespaceState::held);
    var ready = condition(policy, "Ready");
    if (!(World.enforces(policy) ? "Enforced" : "Audited").equals(ready.getReason())
        && !(held && ready.getReason().equals("HeldByInvalidPolicy"))) {
      say(where, "is not Ready: %s: %s", ready.getReason(), ready.getMessage());
    }
    namespaces(where, policy, judged);
    pods(where, policy, judged);
    nodes(where, policy, judged);
    violations(where, policy);
  }

  /// Whether the status is about this generation.
  private boolean decided(String where, CgroupPolicy policy) {
    var status = policy.getStatus();
    var generation = policy.getMetadata().getGeneration();
    if (status == null || !generation.equals(status.observedGeneration())) {
      say(where, "has no status of generation %s", generation);
      return false;
    }
    for (var condition : status.conditions()) {
      var type = condition.getType();
      if ("Observing".equals(condition.getReason())) {
        say(where, "%s is still Observing: %s", type, condition.getMessage());
      }
      if (!generation.equals(condition.getObservedGeneration())) {
        say(where, "%s is of generation %s", type, condition.getObservedGeneration());
      }
    }
    return true;
  }

  private void namespaces(String where, CgroupPolicy policy, List<NamespaceState> judged) {
    var counts = policy.getStatus().namespaces();
    if ((counts == null) != (policy.getSpec().namespaces() == null)) {
      say(where, "has a wrong section of namespaces: %s", counts);
    }
    if (counts == null) {
      return;
    }
    int selected = judged.size();
    long held = judged.stream().filter(NamespaceState::held).count();
    var violating = Range.sum(judged.stream().map(namespace -> namespace.violates(policy)));
    if (counts.selected() != selected
        || counts.pending() > held
        || counts.compliant() + counts.nonCompliant() + counts.pending() != selected
        || !violating.includes(counts.nonCompliant())
        || !counts.summary().equals(counts.compliant() + "/" + selected)) {
      say(
          where,
          "counts %s instead of %d namespaces: %s in violation, %d held",
          counts,
          selected,
          violating,
          held);
    }
    var compliant = condition(policy, "NamespacesCompliant").getStatus();
    if (counts.nonCompliant() > 0 != compliant.equals("False")) {
      say(where, "has NamespacesCompliant %s and %s", compliant, counts);
    }
  }

  private void pods(String where, CgroupPolicy policy, List<NamespaceState> judged) {
    var expected = Pods.of(world, policy, judged.stream().map(NamespaceState::name).toList());
    var status = policy.getStatus();
    var counts = status.workloads();
    if ((counts == null) != (policy.getSpec().workloads() == null)
        || counts != null
            && (counts.pods() != expected.all()
                || counts.compliant() + counts.nonCompliant() != expected.all()
                || !expected.violating().includes(counts.nonCompliant()))) {
      say(
          where,
          "counts %s instead of %d pods: %s in violation",
          counts,
          expected.all(),
          expected.violating());
    }
    for (var check : Pods.CHECKS) {
      int found =
          Objects.requireNonNullElse(status.violationsByCheck(), Map.<String, Integer>of())
              .getOrDefault(check, 0);
      var violating = expected.workloads().getOrDefault(check, Set.of());
      if (found != violating.size()) {
        say(where, "has %d workloads with %s, not %s", found, check, violating);
      }
    }
    var preview = status.preview();
    if ((preview == null) != Templates.of(policy).isEmpty()) {
      say(where, "has a wrong preview: %s", preview);
    }
    if (preview == null) {
      return;
    }
    // Of the policies that judge a namespace, only the governing one has objects to hold back.
    long waiting =
        World.enforces(policy) ? judged.stream().filter(NamespaceState::waits).count() : 0;
    if (preview.waiting() != waiting
        || !expected.changed().includes(preview.wouldChange())
        || !expected.rejected().includes(preview.wouldReject())) {
      say(
          where,
          "has %s; %d namespaces wait, %s pods would change, %s be rejected",
          preview,
          waiting,
          expected.changed(),
          expected.rejected());
    }
  }

  private void nodes(String where, CgroupPolicy policy, List<NamespaceState> judged) {
    var names = new HashSet<String>();
    judged.forEach(namespace -> names.add(namespace.name()));
    var expected = Nodes.of(world, policy, names);
    var status = policy.getStatus();
    if (!Objects.equals(status.nodes(), expected.nodes())) {
      say(where, "counts %s instead of %s", status.nodes(), expected.nodes());
    }
    if (!Objects.equals(status.pressure(), expected.pressure())) {
      say(where, "counts %s instead of %s", status.pressure(), expected.pressure());
    }
  }

  private void violations(String where, CgroupPolicy policy) {
    var status = policy.getStatus();
    var byCheck = status.violationsByCheck();
    int sum = byCheck == null ? 0 : byCheck.values().stream().mapToInt(n -> n).sum();
    int listed = status.violations() == null ? 0 : status.violations().size();
    if (sum != status.violationCount() || listed != Math.min(100, sum)) {
      say(where, "counts %d violations, lists %d: %s", status.violationCount(), listed, byCheck);
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
}
